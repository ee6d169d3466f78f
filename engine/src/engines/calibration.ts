import { type Calibration, elementCount, type LinearDynamics, type Model, type ResolvedNode } from '@spikewire/models';
import type { Engine } from '../engine.ts';
import { EventBuffer } from '../event-buffer.ts';
import { referenceEngine } from '../reference/reference.ts';

/** Input of one sample. */
export interface CalibrationWindow {
  readonly steps: number;
  readonly input: EventBuffer;
}

/**
 * Runs a float model on representative samples and notes the ranges that `quantize` needs: for each Input whether its
 * values are spikes or how large they get, for each read-out the largest magnitude that it hands on. Another engine
 * than the readable one is faster where there is much to run.
 */
export function calibrate(
  model: Model,
  windows: Iterable<CalibrationWindow>,
  engine: Engine = referenceEngine,
): Calibration {
  const running = engine.load(model);
  running.learning = false;
  const { nodes } = running.graph;
  const inputs = new Map<string, 'spikes' | number>();
  const states = new Map<string, number>();
  const readOuts = nodes
    .filter(({ kind }) => kind.role === 'neuron' && kind.emits === 'state')
    .map((node) => ({ name: node.name, ...endsOf(node) }));
  for (const { steps, input } of windows) {
    if (model.sample.between === 'reset') running.resetActivity();
    for (let k = 0; k < input.length; k++) noteInput(inputs, nodes[input.node[k]!]!.name, input.value[k]!);
    forEachStep(steps, input, (events, ignored) => {
      running.run(1, events, ignored);
      for (const { name, floor, ceiling } of readOuts) {
        const state = running.readState(name, 'v');
        const handedOn = state.map((v, i) => Math.min(Math.max(v, floor?.[i] ?? v), ceiling?.[i] ?? Infinity));
        const largest = handedOn.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        if (largest > 0) states.set(name, Math.max(states.get(name) ?? 0, largest));
      }
    });
  }
  return { inputs, states };
}

/** What the integer form of a read-out hands on at least and at most. */
function endsOf({ kind, node, shape }: ResolvedNode): Pick<LinearDynamics, 'floor' | 'ceiling'> {
  return (kind.role === 'neuron' && kind.integer?.(node, elementCount(shape))) || {};
}

function noteInput(inputs: Map<string, 'spikes' | number>, name: string, value: number): void {
  const known = inputs.get(name);
  const isSpike = value === 0 || Math.abs(value) === 1;
  if (known === undefined) inputs.set(name, isSpike ? 'spikes' : Math.abs(value));
  else if (known !== 'spikes' || !isSpike) inputs.set(name, Math.max(known === 'spikes' ? 1 : known, Math.abs(value)));
}

/** The events of a window one step at a time, each as a window of its own. */
function forEachStep(
  steps: number,
  input: EventBuffer,
  run: (events: EventBuffer, ignored: EventBuffer) => void,
): void {
  const events = new EventBuffer(input.length);
  const ignored = new EventBuffer(0);
  for (let step = 0, k = 0; step < steps; step++) {
    events.clear();
    for (; k < input.length && input.step[k] === step; k++) {
      events.push(0, input.node[k]!, input.index[k]!, input.value[k]!);
    }
    run(events, ignored);
  }
}
