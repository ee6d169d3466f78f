import { setImmediate } from 'node:timers/promises';
import { TimedNetwork } from '@spikewire/engine';
import type { NetworkCounters } from '@spikewire/engine/network';
import { TimedEventBuffer } from '@spikewire/engine/network';
import { type Model, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from '../address-events/address-events.ts';
import { eventsForInput } from '../address-events/into-network.ts';

/** Events kept of a run; more are counted as dropped. */
const CAPACITY = 2 ** 20;

export interface EventSimulation {
  /** How long the net ran. */
  readonly seconds: number;
  /** [seconds, element] or [seconds, element, value] of neurons that spike and of Outputs, by node. */
  readonly spikes: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly dropped: number;
  readonly counters: NetworkCounters;
}

/**
 * Runs a model in continuous time over the recording of an event camera, until a step behind its last event: in turns,
 * between which other things may happen. Rejects with `input` when `signal` is aborted before the end.
 */
export async function simulateEvents(
  model: Model,
  recording: AddressEvents,
  signal: AbortSignal,
): Promise<EventSimulation> {
  const net = new TimedNetwork(model);
  const input = eventsForInput(net.graph, recording);
  const [output, raster] = [new TimedEventBuffer(CAPACITY), new TimedEventBuffer(CAPACITY)];
  const seconds = (recording.time.at(-1) ?? 0) + net.graph.semantics.dt;
  for (const time of net.runEventsInTurns(seconds, input, output, raster)) {
    await setImmediate();
    if (signal.aborted)
      throw new SpikewireError('input', 'simulation', `was stopped after ${time} of ${seconds} s`, 'its end');
  }
  const spikes: Record<string, number[][]> = {};
  for (const { name, kind } of net.graph.nodes) {
    if (kind.role === 'output' || (kind.role === 'neuron' && kind.emits === 'spikes')) spikes[name] = [];
  }
  for (const { length, time, node, index, value } of [raster, output]) {
    for (let k = 0; k < length; k++) {
      const event = value[k] === 1 ? [time[k]!, index[k]!] : [time[k]!, index[k]!, value[k]!];
      spikes[net.graph.nodes[node[k]!]!.name]!.push(event);
    }
  }
  return { seconds, spikes, dropped: output.dropped + raster.dropped + net.dropped, counters: net.counters };
}
