import { elementCount } from '@spikewire/models';
import { EventBuffer, type RunningNetwork } from 'spikewire';

/** [step, index] or [step, index, value], by Input node. */
export type Stimulus = Readonly<Record<string, readonly (readonly number[])[]>>;

/** [step, index, value], in order. */
export type Events = (readonly [number, number, number])[];

/**
 * Events of a stimulus as an engine takes them; steps `from` … `from + steps − 1` become the window's 0 … steps − 1.
 */
export function windowOf(
  network: RunningNetwork,
  stimulus: Stimulus,
  from = 0,
  steps = Number.POSITIVE_INFINITY,
): EventBuffer {
  const rows = Object.entries(stimulus).flatMap(([name, events]) => {
    const node = network.graph.nodes.findIndex((candidate) => candidate.name === name);
    return events.map(([step, index, value = 1]) => [step! - from, node, index!, value] as const);
  });
  const inside = rows.filter(([step]) => step >= 0 && step < steps).sort((a, b) => a[0] - b[0]);
  const buffer = new EventBuffer(inside.length);
  for (const row of inside) buffer.push(...row);
  return buffer;
}

/** Room for everything that a net can emit in so many steps. */
export function roomFor(network: RunningNetwork, steps: number): EventBuffer {
  return new EventBuffer(steps * network.graph.nodes.reduce((sum, { shape }) => sum + elementCount(shape), 0));
}

/** Runs one window and returns the events of all spiking neurons and Output nodes by name. */
export function play(
  network: RunningNetwork,
  steps: number,
  stimulus: Stimulus = {},
  from = 0,
): Record<string, Events> {
  const output = roomFor(network, steps);
  const raster = roomFor(network, steps);
  network.run(steps, windowOf(network, stimulus, from, steps), output, raster);
  const events: Record<string, Events> = Object.fromEntries(network.graph.nodes.map(({ name }) => [name, []]));
  for (const { length, step, node, index, value } of [output, raster]) {
    for (let k = 0; k < length; k++) {
      events[network.graph.nodes[node[k]!]!.name]!.push([from + step[k]!, index[k]!, value[k]!]);
    }
  }
  return events;
}

/** A state variable of one neuron at the end of each step. */
export function follow(
  network: RunningNetwork,
  steps: number,
  stimulus: Stimulus,
  node: string,
  variable = 'v',
  neuron = 0,
): number[] {
  return Array.from({ length: steps }, (_, step) => {
    play(network, 1, stimulus, step);
    return network.readState(node, variable)[neuron]!;
  });
}

export function stepsOf(events: Events | undefined): number[] {
  return (events ?? []).map(([step]) => step);
}
