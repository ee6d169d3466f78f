import type { ExecutorSource } from '@spikewire/engine/executor';
import { type OpenSessionOptions, openSession } from '../../session/kept/open-session.ts';
import type { NetModel } from '../../session/net-model.ts';
import { rebaseSessionState } from '../../session/session-state.ts';
import type { Carrying } from '../repository/offer.ts';
import { type CarryingProblem, isWhole, type LearnedCarrying, problemOf } from './possible-carryings.ts';
import { rebasedState } from './rebased-state.ts';
import { repeatedState } from './repeated-state.ts';
import { setMonitors } from './set-monitors.ts';

export interface CarriedStateOptions extends Pick<OpenSessionOptions, 'name' | 'seed' | 'warmUp' | 'keepLessons'> {
  /** Told why there is no such state. */
  readonly onProblem?: (problem: CarryingProblem) => void;
}

/**
 * The first state of a net on base `next`, made from a session state that was learned on base `former`:
 *
 * - `carry`: where states mean the same in both and the bases know the same, the whole state; else the lessons that the
 *   state has kept (`keepLessons`) are taught again to the read-out of `next`, one by one through its net.
 * - `rebase`: the learned difference is added to what `next` knows: of a read-out the sums of its lessons, of connections
 *   that learn their weights, within the bounds of their rules.
 * - `reset`: that of a new net, with the settings of monitors of the same names; undefined if nobody has set any.
 *
 * With `carry` and `rebase` the place in the stream, what features and encoders know of it, monitors with their
 * settings, and what a person has asked for go on. Undefined where that is not possible: the net starts from its base.
 * `source` opens a net of `next` for the time being. Rejects with `store` where the state is damaged.
 */
export async function carriedState(
  carrying: Carrying,
  former: NetModel,
  state: Uint8Array,
  next: NetModel,
  source: ExecutorSource,
  { onProblem = () => {}, ...options }: CarriedStateOptions = {},
): Promise<Uint8Array | undefined> {
  if (carrying === 'reset') return resetState(former, state, next, source, options);
  const problem = problemOf(carrying, former, next);
  if (problem === undefined && isWhole(carrying, former, next)) return rebaseSessionState(state, next);
  const carried = problem ?? (await carriedTo(carrying, former, state, next, source, options));
  if (typeof carried !== 'string') return carried;
  onProblem(carried);
  return undefined;
}

async function resetState(
  former: NetModel,
  state: Uint8Array,
  next: NetModel,
  source: ExecutorSource,
  options: OpenSessionOptions,
): Promise<Uint8Array | undefined> {
  const monitors = setMonitors(former, state);
  if (monitors === undefined) return undefined;
  const session = await openSession(next, source, options);
  try {
    session.monitors.keepSettingsOf(monitors);
    return await session.save();
  } finally {
    await session.close();
  }
}

/** On a net of `next` that takes the state, so that none is made that does not fit. */
async function carriedTo(
  carrying: LearnedCarrying,
  former: NetModel,
  state: Uint8Array,
  next: NetModel,
  source: ExecutorSource,
  options: OpenSessionOptions,
): Promise<Uint8Array | CarryingProblem> {
  const session = await openSession(next, source, { ...options, keepLessons: options.keepLessons ?? true });
  try {
    if (carrying === 'carry') return await repeatedState(former, state, session);
    return await rebasedState(former, state, next, session);
  } finally {
    await session.close();
  }
}
