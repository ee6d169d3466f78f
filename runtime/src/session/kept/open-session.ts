import type { ExecutorSource } from '@spikewire/engine/executor';
import { SpikewireError, type WatchSettings } from '@spikewire/models';
import { MAXIMUM_STATE_BYTES } from '../../store/index.ts';
import type { NetModel } from '../net-model.ts';
import type { Outcome } from '../outcome.ts';
import { Session } from '../session.ts';
import { describeLearnedOnly } from './learned-only.ts';
import { isMisfit } from './session-store.ts';

/** How a session is opened from a model. */
export interface OpenSessionOptions {
  /** What people call the net, for messages. */
  readonly name?: string;
  readonly seed?: number;
  /** Labels that its read-out takes in a day of UTC; see `TaughtReadout`. */
  readonly lessonsPerDay?: number;
  /**
   * Whether at most 256 kB of the lessons of its read-out are kept in its state, so that they can be taught again when
   * its model gets another base. Default false.
   */
  readonly keepLessons?: boolean | undefined;
  /**
   * Whether the net learns as long as nobody has asked for or against it by `setLearning`, which a restart remembers.
   * Default true.
   */
  readonly learning?: boolean;
  /** Readings of the warm-up; see `SessionOptions`. */
  readonly warmUp?: number | undefined;
  /** Settings of monitors; see `SessionOptions`. */
  readonly monitorSettings?: ReadonlyMap<string, WatchSettings> | undefined;
  /** Whether the spikes of every neuron come with each outcome; see `SessionOptions`. */
  readonly raster?: boolean | undefined;
  /** Monotonic microseconds. */
  readonly clock?: () => number;
  /** Whether the net has to answer the model's self-tests before it starts. Default false. */
  readonly selfTest?: boolean;
  /** Called with each outcome, never between an outcome and a save that knows of it. */
  readonly listener?: (outcome: Outcome) => void;
  /** Called after each lesson from which the net has learned. */
  readonly onLearned?: () => void;
}

/**
 * A saved state takes at most so many times the bytes of its net: float32 becomes float64, and the coding has its own.
 */
const STATE_PER_NET = 8;

/** Opens a session on an executor of the source. Rejects with what hinders that; nothing stays open then. */
export async function openSession(
  { bytes, model, graph, meaning }: NetModel,
  source: ExecutorSource,
  options: OpenSessionOptions,
): Promise<Session> {
  const {
    name,
    seed,
    listener,
    onLearned,
    lessonsPerDay,
    keepLessons,
    warmUp,
    monitorSettings,
    raster,
    clock,
    learning = true,
    selfTest = false,
  } = options;
  const seeded = seed === undefined ? {} : { seed };
  const executor = await source.open(bytes, { name, ...seeded, selfTest });
  try {
    const session = new Session(model, executor, {
      ...seeded,
      graph,
      meaning,
      keepLessons,
      warmUp,
      monitorSettings,
      raster,
      ...(clock === undefined ? {} : { clock }),
      ...(listener === undefined ? {} : { listener }),
      ...(onLearned === undefined ? {} : { onLearned }),
      ...(lessonsPerDay === undefined ? {} : { lessonsPerDay }),
    });
    if (!learning) await session.setLearningUnlessAsked(false);
    return session;
  } catch (failure) {
    await executor.close().catch(() => {}); // the first failure is the one to report
    throw failure;
  }
}

/** Lets a new session go on from a state, where that fits it; says so where it does not, or not whole. */
export async function goOnFrom(state: Uint8Array, session: Session, warn: (line: string) => void): Promise<void> {
  try {
    const { learnedOnly } = await session.restore(state);
    if (learnedOnly !== undefined) warn(describeLearnedOnly('net', learnedOnly));
  } catch (failure) {
    if (!isMisfit(failure, session)) throw failure;
    warn(`net: cannot continue from its last state: ${failure.message}`);
  }
}

/** Rejects with `budget` where a store could not keep the states of the net: better now than at each save. */
export async function expectStorable(session: Session): Promise<void> {
  if (STATE_PER_NET * session.executor.bytes <= MAXIMUM_STATE_BYTES) return;
  const { length } = await session.save();
  if (length <= MAXIMUM_STATE_BYTES) return;
  const problem = `has a state of ${length} bytes, more than a store keeps`;
  throw new SpikewireError('budget', 'net', problem, `at most ${MAXIMUM_STATE_BYTES}, or no store`);
}
