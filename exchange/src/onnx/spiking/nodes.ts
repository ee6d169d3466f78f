import {
  type Connectivity,
  type IntegerForm,
  type ResolvedNode,
  SpikewireError,
  unitOf,
  type Wiring,
} from '@spikewire/models';
import { DOUBLE, FLOAT } from '../tensor.ts';
import { connectionStep } from './connections/connections.ts';
import { integerPopulation } from './populations/integer.ts';
import { realPopulation } from './populations/real.ts';
import type { Formulas } from './step/formulas.ts';
import type { NodeStep } from './step/node-step.ts';

/** Steps of the nodes of a net, in float32 or in the integer form. */
export interface NetForm {
  readonly wiring: Wiring;
  /** Throws `unsupported`, with the node in front, for what ONNX cannot say. */
  step(formulas: Formulas, index: number): NodeStep;
  /** The real value of 1 that leaves the node at `index`. */
  unit(index: number): number;
}

export function realForm(wiring: Wiring): NetForm {
  return {
    wiring,
    unit: () => 1,
    step(formulas, index) {
      const node = wiring.graph.nodes[index]!;
      const connectivity = wiring.connectivity[index];
      if (connectivity !== undefined) {
        const { weights, gain, bias } = connectivity;
        const written = { weights: weights && Float32Array.from(weights, (w) => gain * w), gain, bias };
        return connectionStep(formulas, node, connectivity, written);
      }
      return node.kind.role === 'neuron' ? realPopulation(formulas, node, node.kind) : handedOn;
    },
  };
}

export function integerForm(form: IntegerForm): NetForm {
  const { wiring, quantization } = form;
  return {
    wiring,
    unit: (index) => unitOf(wiring, index, quantization),
    step(formulas, index) {
      const node = wiring.graph.nodes[index]!;
      const connectivity = wiring.connectivity[index];
      if (connectivity !== undefined) return integerConnection(formulas, node, connectivity, form);
      if (node.kind.role === 'input') return integerInput(formulas, quantization.inputs.get(node.name)!);
      if (node.kind.role === 'output') return handedOn;
      refuseLargeSums(form, index);
      return integerPopulation(formulas, node, quantization);
    },
  };
}

/** Input and Output: what arrives is what is emitted. */
const handedOn: NodeStep = { states: [], write: ([arriving]) => ({ emitted: arriving!, next: [] }) };

/** Weights q·2^h in float32. Biases, and the gain of a mean, are in the constants of the population behind. */
function integerConnection(
  formulas: Formulas,
  node: ResolvedNode,
  connectivity: Connectivity,
  { quantization }: IntegerForm,
): NodeStep {
  const factor = 2 ** (quantization.connections.get(node.name)?.shift ?? 0);
  const weights = connectivity.weights && Float32Array.from(connectivity.weights, (q) => q * factor);
  return connectionStep(formulas, node, connectivity, { weights, gain: 1, bias: undefined });
}

/** Whole numbers below this are exact in float32, and so are sums of them, in any order. */
const EXACT = 2 ** 24;

/** Throws `unsupported` where float32 might round a sum of synapses, by the same proof as that they fit 32 bits. */
function refuseLargeSums({ wiring, largestSums }: IntegerForm, index: number): void {
  const largest = largestSums.get(index)!.reduce((a, b) => Math.max(a, b), 0);
  if (largest < EXACT) return;
  const { name, kind } = wiring.graph.nodes[index]!;
  const problem = `may get sums up to ${largest}, which ONNX's convolutions round`;
  throw new SpikewireError('unsupported', `node "${name}" (${kind.type})`, problem, `sums below ${EXACT}`);
}

/** A real value as whole number: divided by the scale, to nearest with ties to even, held within the range. */
function integerInput(
  formulas: Formulas,
  { scale, maximum }: { readonly scale: number; readonly maximum: number },
): NodeStep {
  const { onnx } = formulas;
  // By a power of two float32 divides without rounding.
  const isExact = Number.isInteger(Math.log2(scale));
  const constant = (value: number) => (isExact ? onnx.scalar(value) : onnx.double(value));
  const [divisor, least, most] = [constant(scale), constant(-maximum), constant(maximum)];
  return {
    states: [],
    write([arriving]) {
      const value = isExact ? arriving! : formulas.cast(arriving!, DOUBLE);
      const whole = onnx.emit('Round', [scale === 1 ? value : formulas.divide(value, divisor)]);
      const held = formulas.smaller(formulas.larger(whole, least), most);
      return { emitted: isExact ? held : formulas.cast(held, FLOAT), next: [] };
    },
  };
}
