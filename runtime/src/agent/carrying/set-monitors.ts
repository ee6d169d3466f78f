import { OutputStage } from '@spikewire/engine/coding';
import { Monitors } from '../../session/monitors.ts';
import type { NetModel } from '../../session/net-model.ts';
import { Samples } from '../../session/samples.ts';
import { readSessionState } from '../../session/session-state.ts';

/** The monitors of a saved state, where people have set something on them; else undefined. Throws `store`. */
export function setMonitors({ model, graph }: NetModel, state: Uint8Array): Monitors | undefined {
  if (model.monitors === undefined) return undefined;
  const output = new OutputStage(model, graph, 1);
  const samples = new Samples(model, graph, { seed: 1, early: false, warmUp: undefined });
  const monitors = new Monitors(model, samples.size, output.size);
  readSessionState(state, {}, monitors.state, output.size).apply();
  return monitors.watches.some(({ isSet }) => isSet) ? monitors : undefined;
}
