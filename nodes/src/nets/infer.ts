import { type Desk, formatAlarm, formatOutcome, isTold, namedReading } from 'spikewire/desk';
import type { Gathering, Outcome } from 'spikewire/session';
import type { Message } from '../node-red.ts';
import type { Nets } from './nets.ts';
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
  /** How far the next answer is; present where the reading only adds to it. */
  readonly gathering?: Gathering;
  /** The reading was taken, but its lesson was not. */
  readonly problem?: unknown;
  /** Of a lesson: whether it is on the medium. */
  readonly saved?: Promise<boolean>;
}

export interface NetState {
  readonly anomaly: boolean;
  readonly learning: boolean;
  readonly warmUp: { readonly done: number; readonly of: number; readonly secondsLeft?: number | null };
  /** Why what is learned is in memory only. */
  readonly storeProblem?: string | undefined;
}

type LessonOutcome = Awaited<ReturnType<Desk['teach']>>['outcome'];

/**
 * Does what a message asks for. The message becomes the reply: result or answer in `payload`, everything else in
 * `spikewire`, `topic` and what else it holds as they were. `taught` gives the label or target that came with it.
 * Rejects with what was wrong; nothing has changed then.
 */
export async function reply(nets: Nets, message: Message, taught: () => Promise<unknown>): Promise<Reply> {
  const key = nets.keyOf(message.topic);
  const command = commandOf(message);
  if (command !== undefined) {
    const about = command === 'normal' ? namedReading(message) : {};
    const { answer, figures } = await nets.command(key, command, about);
    Object.assign(message, { payload: answer, spikewire: figures });
    return { message, output: 'answer', state: stateOf(figures, false) };
  }
  const done = await nets.use(
    key,
    async (net, read) => workOf(message, await taught(), net, read),
    (desk, work) => {
      if (work.reading === undefined) return teach(desk, key, message, work);
      nets.noteTopic(message.topic);
      return infer(desk, key, message, work);
    },
  );
  // Other messages of the net do not wait until a lesson is saved.
  if (done?.saved !== undefined) Object.assign(message.spikewire as object, { saved: await done.saved });
  return done ?? { message, output: 'none' };
}

/**
 * Calls `send` with the message of each alarm that is given because no reading comes, until the returned function is
 * called.
 */
export function onAlarm(nets: Nets, send: (message: Message) => void): () => void {
  return nets.observeAlarms((key, sequence, verdicts) => {
    const { result, ...spikewire } = formatAlarm(Date.now(), sequence, verdicts);
    const topic = nets.topicOf(key);
    send({ ...(topic === undefined ? {} : { topic }), payload: result, spikewire });
  });
}

async function teach(desk: Desk, key: string, message: Message, { lesson }: Work): Promise<Reply> {
  const { outcome, saved } = await desk.teach(key, lesson!);
  const figures = await desk.status(key);
  Object.assign(message, { payload: outcome, spikewire: { seq: figures.readings, learned: outcome === 'applied' } });
  return { message, output: 'answer', state: stateOf(figures, false), saved };
}

async function infer(desk: Desk, key: string, message: Message, { reading, lesson }: Work): Promise<Reply> {
  // What a broker kept comes with every start: it counts where a net has had nothing yet.
  const outcome = message.retain === true ? await desk.feedFirst(key, reading!) : await desk.feed(key, reading!);
  if (outcome === undefined) return { message, output: 'none' };
  // There is no answer to this reading, so a lesson about it has nothing to teach; one that names an earlier answer
  // has.
  const about = outcome.pending && lesson?.time === undefined ? undefined : lesson;
  let taught: LessonOutcome | undefined;
  let problem: unknown;
  try {
    if (about !== undefined) taught = (await desk.teach(key, about)).outcome;
  } catch (failure) {
    problem = failure;
  }
  const problems = problem === undefined ? {} : { problem };
  const { gathering } = outcome;
  if (!isTold(outcome)) return { message, output: 'none', ...(gathering && { gathering }), ...problems };
  const { result, learned, ...rest } = formatOutcome(desk.pool.model, outcome);
  const spikewire = {
    ...rest,
    learned: learned || taught === 'applied',
    ...(taught === undefined ? {} : { lesson: taught }),
  };
  Object.assign(message, { payload: result, spikewire });
  const state = stateOf(await desk.status(key), isUnusual(outcome));
  return { message, output: 'result', state, ...problems };
}

function isUnusual({ verdict }: Outcome): boolean {
  return verdict?.anomaly ?? false;
}

type Figures = Awaited<ReturnType<Desk['status']>>;

function stateOf({ learning, warmUp, store }: Figures, anomaly: boolean): NetState {
  return { anomaly, learning, warmUp, storeProblem: store?.problem ?? undefined };
}
