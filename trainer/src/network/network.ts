import type { InputCode } from '../encoding/input-code.ts';
import { given, type Value } from '../graph/value.ts';
import type { ReadOut } from '../readouts/read-out.ts';
import type { Surrogate } from '../surrogates/surrogate.ts';
import type { Layer } from './layer.ts';
import { type NeuronRecipe, neuronSpikes } from './neurons.ts';

/** A net as it is trained and exported. */
export interface NetworkPlan {
  readonly layers: readonly Layer[];
  readonly neuron: NeuronRecipe;
  readonly encoder: InputCode;
  readonly surrogate: Surrogate;
  readonly readOut: ReadOut;
  /** Of a sample. */
  readonly steps: number;
}

/** A learned array by its full name, such as `layer1.weight`. */
export interface NetworkParameter {
  readonly name: string;
  readonly layer: Layer;
  readonly key: string;
  readonly shape: readonly number[];
  readonly fanIn: number;
}

/** The net as a graph over a batch. */
export interface Network {
  /** [batch, …] or, where the input changes from step to step, [steps·batch, …]. */
  readonly input: Value;
  /** [batch, classes]. */
  readonly logits: Value;
  /** By full name. */
  readonly parameters: ReadonlyMap<string, Value>;
}

/** The learned arrays of all layers, in order. */
export function parametersOf(layers: readonly Layer[]): NetworkParameter[] {
  return layers.flatMap((layer) =>
    layer.parameters.map(({ key, shape, fanIn }) => ({ name: `${layer.name}.${key}`, layer, key, shape, fanIn })),
  );
}

/** Builds the graph of a net for batches of a size: one product per layer over the rows of all steps, then its neurons. */
export function buildNetwork(plan: NetworkPlan, batch: number): Network {
  const { layers, neuron, encoder, readOut, steps } = plan;
  const parameters = new Map(parametersOf(layers).map(({ name, shape }) => [name, given(name, shape)] as const));
  const rows = encoder.held ? batch : steps * batch;
  const input = given('input', [rows, ...layers[0]!.inputShape]);
  let value = input;
  let held = encoder.held;
  for (const layer of layers) {
    value = layer.connect(value, pick(layer, parameters));
    if (!layer.feedsNeurons) continue;
    if (layer === layers.at(-1)) break;
    value = neuronSpikes(value, held, neuron, plan);
    held = false;
  }
  return { input, logits: readOut.logits(value, held, neuron, plan), parameters };
}

/** A layer's arrays by key, of all arrays by full name. */
export function pick<Entry>(layer: Layer, all: ReadonlyMap<string, Entry>): Record<string, Entry> {
  return Object.fromEntries(layer.parameters.map(({ key }) => [key, all.get(`${layer.name}.${key}`)!]));
}
