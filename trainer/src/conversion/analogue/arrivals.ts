import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { CalibrationWindow } from '@spikewire/engine';
import { type LabelledSamples, windowsOf } from '@spikewire/engine/data';
import { broadcast, elementCount, numbersOf } from '@spikewire/models';
import type { Backend, NumberArrays } from '../../backend/backend.ts';
import { type Program, programOf } from '../../graph/program.ts';
import { lowerAnalogue } from '../../lowering/analogue.ts';
import type { AnalogueNet } from './analogue-net.ts';
import type { SeeOptions } from './windows.ts';

/** Samples that are computed at once. */
const BATCH = 16;

export interface ArrivalOptions extends SeeOptions {
  /** What computes. */
  readonly backend: Backend;
}

/**
 * What arrives at the units of each layer of an analogue net, as far as they hand it on: above their ceiling all is
 * one. By layer, sample after sample; to be read before the next. Rejects with `input` for samples that do not fit, and
 * where the signal comes.
 */
export async function* arrivalsOf(
  net: AnalogueNet,
  samples: LabelledSamples['samples'],
  { backend, signal }: ArrivalOptions,
): AsyncGenerator<ReadonlyMap<string, Float32Array>> {
  const program = arrivalProgram(net);
  const [inputs, outputs] = [arraysFor(program.inputs), arraysFor(program.outputs)];
  const rowAt = rowsOf(net, outputs);
  const executable = await backend.compile(program);
  try {
    for (const batch of inBatches(windowsOf(net.model, { samples }))) {
      write(batch, net, inputs);
      await executable.run(inputs, outputs);
      for (const row of batch.keys()) yield rowAt(row);
      await yieldToEventLoop();
      signal?.throwIfAborted();
    }
  } finally {
    await executable.close();
  }
}

/** A batch of encoded samples in, what arrives at each layer out. */
function arrivalProgram({ wiring, layers }: AnalogueNet): Program {
  const { populations } = lowerAnalogue(wiring.graph, BATCH);
  return programOf(Object.fromEntries(layers.map((name) => [outputOf(name), populations.get(name)!.membranes[0]!])));
}

/** Names that no other input or output has. */
const [inputOf, outputOf] = [(node: string) => `input/${node}`, (layer: string) => `layer/${layer}`];

function arraysFor(values: Program['inputs']): NumberArrays {
  return Object.fromEntries([...values].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]));
}

function* inBatches(windows: Iterable<CalibrationWindow>): Iterable<readonly CalibrationWindow[]> {
  let batch: CalibrationWindow[] = [];
  for (const window of windows) {
    batch.push(window);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Writes what the encoders give into the first rows. */
function write(batch: readonly CalibrationWindow[], { wiring: { graph } }: AnalogueNet, inputs: NumberArrays): void {
  for (const array of Object.values(inputs)) array.fill(0);
  for (const [row, { input }] of batch.entries()) {
    for (let k = 0; k < input.length; k++) {
      const array = inputs[inputOf(graph.nodes[input.node[k]!]!.name)];
      // No layer may hear an input.
      if (array !== undefined) array[(row * array.length) / BATCH + input.index[k]!]! += input.value[k]!;
    }
  }
}

/** Looks into the rows of what arrives at layers. */
function rowsOf({ wiring, layers }: AnalogueNet, outputs: NumberArrays) {
  const parts = layers.map((name) => {
    const { node, shape } = wiring.graph.nodes.find((each) => each.name === name)!;
    const ceiling = numbersOf(node, 'ceiling');
    return { name, size: elementCount(shape), ceiling: ceiling && broadcast(ceiling, elementCount(shape)) };
  });
  return (row: number) =>
    new Map(
      parts.map(({ name, size, ceiling }) => {
        const values = outputs[outputOf(name)]!.subarray(row * size, (row + 1) * size);
        ceiling?.forEach((most, i) => {
          values[i] = Math.min(values[i]!, most);
        });
        return [name, values] as const;
      }),
    );
}
