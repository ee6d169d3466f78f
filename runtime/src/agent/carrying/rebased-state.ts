import { OutputStage } from '@spikewire/engine/coding';
import { withLearned } from '@spikewire/engine/network';
import { type RebaseProblem, readLearned, type TensorData, viewsOf } from '@spikewire/models';
import type { NetModel } from '../../session/net-model.ts';
import type { Session } from '../../session/session.ts';
import { netIn, readSessionState, rebaseSessionState, withParts } from '../../session/session-state.ts';
import { addedWeights } from './added-weights.ts';
import type { CarryingProblem } from './possible-carryings.ts';

/** A state with what it has learned since its base added to what `next` knows; `session` is a new one of `next`. */
export async function rebasedState(
  former: NetModel,
  state: Uint8Array,
  next: NetModel,
  session: Session,
): Promise<Uint8Array | CarryingProblem> {
  const readout = rebasedReadout(former, state, next);
  if (typeof readout === 'string') return readout;
  const whole = rebaseSessionState(state, next);
  const engine = rebasedNet(former, netIn(whole), next);
  if (engine === undefined) return 'weights';
  const rebased = withParts(whole, { ...readout, engine });
  await session.restore(rebased);
  return rebased;
}

function rebasedNet(former: NetModel, net: Uint8Array, next: NetModel): Uint8Array | undefined {
  if (next.model.learning.size === 0) return net;
  const added = addedWeights(former.model, readLearned(net), next.model);
  return added && withLearned(net, added);
}

/** The numbers of the decoder, and that no label has judged it yet; none where labels teach none. */
function rebasedReadout(
  former: NetModel,
  state: Uint8Array,
  next: NetModel,
): Readonly<Record<string, TensorData>> | RebaseProblem {
  const [learned, base, own] = [former, former, next].map(({ model, graph }) => new OutputStage(model, graph, 1));
  const read = readSessionState(state, learned!.state, {}, learned!.size);
  if (own!.teachable === undefined || learned!.teachable === undefined) return {};
  read.apply();
  const problem = own!.teachable.rebase(learned!.teachable, base!.teachable!);
  return problem ?? viewsOf(own!.state);
}
