import { formatOutcome } from 'spikewire/desk';
import type { KeptSession, Outcome } from 'spikewire/session';
import type { Nets } from './nets.ts';
import type { Message } from './node-red.ts';
import { commandOf, type Work, workOf } from './request.ts';

/** What came of a message: which output it goes to, and what the node's status may say. */
export interface Reply {
  readonly message: Message;
  /**
   * Of a reading, the first output; of a command or lesson, the second; none while the net's features wait for more
   * readings.
   */
  readonly output: 'result' | 'answer' | 'none';
  /** Absent where the net has done nothing. */
  readonly state?: NetState;
  /** The reading was taken, but its lesson was not. */
  readonly problem?: unknown;
}

export interface NetState {
  readonly anomaly: boolean;
  readonly learning: boolean;
  readonly warmUp: { readonly done: number; readonly of: number };
  /** Why what is learned is in memory only. */
  readonly storeProblem?: string | undefined;
}

type Lesson = Awaited<ReturnType<KeptSession['teach']>>;

/**
 * Does what a message asks for. The message becomes the reply: result or answer in `payload`, everything else in
 * `spikewire`, `topic` and what else it holds as they were. `taught` gives the label or target that came with it.
 * Rejects with what was wrong; nothing has changed then.
 */
export async function reply(nets: Nets, message: Message, taught: () => Promise<unknown>): Promise<Reply> {
  const key = nets.keyOf(message.topic);
  const command = commandOf(message);
  if (command !== undefined) {
    const { answer, figures } = await nets.command(key, command);
    Object.assign(message, { payload: answer, spikewire: figures });
    return {
      message,
      output: 'answer',
      state: { anomaly: false, ...figures, storeProblem: figures.store?.problem ?? undefined },
    };
  }
  return nets.use(
    key,
    async (net) => workOf(message, await taught(), net, Date.now()),
    (kept, work) => (work.reading === undefined ? teach(kept, message, work) : infer(kept, message, work)),
  );
}

async function teach(kept: KeptSession, message: Message, { lesson }: Work): Promise<Reply> {
  const outcome = await kept.teach(lesson!);
  Object.assign(message, {
    payload: outcome,
    spikewire: { seq: kept.session.sequence, learned: outcome === 'applied' },
  });
  return { message, output: 'answer', state: stateOf(kept, false) };
}

async function infer(kept: KeptSession, message: Message, { reading, lesson }: Work): Promise<Reply> {
  const outcome = await kept.feed(reading!);
  // There is no answer to this reading, so a lesson about it has nothing to teach; one that names an earlier answer
  // has.
  const about = outcome.pending && lesson?.time === undefined ? undefined : lesson;
  let taught: Lesson | undefined;
  let problem: unknown;
  try {
    if (about !== undefined) taught = await kept.teach(about);
  } catch (failure) {
    problem = failure;
  }
  const problems = problem === undefined ? {} : { problem };
  if (outcome.pending) return { message, output: 'none', ...problems };
  const { result, learned, ...rest } = formatOutcome(kept.session.model, outcome);
  const spikewire = {
    ...rest,
    learned: learned || taught === 'applied',
    ...(taught === undefined ? {} : { lesson: taught }),
  };
  Object.assign(message, { payload: result, spikewire });
  return { message, output: 'result', state: stateOf(kept, isUnusual(outcome)), ...problems };
}

function isUnusual({ verdict }: Outcome): boolean {
  return verdict?.anomaly ?? false;
}

function stateOf({ session, storeProblem }: KeptSession, anomaly: boolean): NetState {
  return { anomaly, learning: session.learning, warmUp: session.warmUp, storeProblem };
}
