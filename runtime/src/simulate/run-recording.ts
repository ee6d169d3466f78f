import { elementCount, type ResolvedGraph, type RunRecording, SpikewireError } from '@spikewire/models';
import type { SimulationOutput } from './simulate.ts';
import type { EventSimulation } from './simulate-events.ts';

/**
 * A simulation as files of recordings have it. Throws `unsupported`, with `where` in front, for weights, and for states
 * of the last steps alone.
 */
export function runRecording(
  output: SimulationOutput | EventSimulation,
  graph: ResolvedGraph,
  where: string,
): RunRecording {
  const sizes = new Map(graph.nodes.map(({ name, shape }) => [name, elementCount(shape)]));
  const { spikes } = output;
  if (!('steps' in output)) return { seconds: output.seconds, sizes, spikes, traces: {} };
  const { dt, steps, traces, weights } = output;
  if (Object.keys(weights).length > 0)
    throw new SpikewireError('unsupported', where, 'has no place for weights', '--record without weights');
  const isCut = Object.values(traces).some((states) => Object.values(states).some(({ length }) => length < steps));
  if (isCut) throw new SpikewireError('unsupported', where, 'has states of all steps', 'no --last');
  return { dt, seconds: dt * steps, sizes, spikes, traces };
}
