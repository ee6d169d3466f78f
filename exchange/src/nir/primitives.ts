import {
  elementCount,
  kindOf,
  type ParameterValue,
  type ResolvedNode,
  type Shape,
  scalar,
  type Tensor,
  type TensorData,
  tensor,
} from '@spikewire/models';

/**
 * What a dataset holds: one real number for each neuron; real numbers in a shape of their own; whole numbers, as many
 * as they are; one whole number, or one for each axis; the same or a word.
 */
type Form = 'elements' | 'reals' | 'integers' | 'integer' | 'axes' | 'padding';

/** A dataset in the group of a node, under the name of the parameter that it is in a model. */
export interface NirDataset {
  readonly form: Form;
  /** Files may lack it, and then the parameter has its default. */
  readonly optional: boolean;
  /** What is written of a node: always a full array. */
  written(node: ResolvedNode): ParameterValue;
}

/**
 * A primitive of NIR (Pedersen et al. 2024, table 1; nir 1.0.8). Its type and its datasets have the names of the node
 * type and of the parameters that a model has. Shapes are per sample, without batch and time.
 */
export interface NirPrimitive {
  readonly type: string;
  readonly datasets: Readonly<Record<string, NirDataset>>;
}

function dataset(form: Form, written: NirDataset['written'], optional = false): NirDataset {
  return { form, optional, written };
}

/** Whole numbers as a tensor. */
const whole = (numbers: readonly number[]): Tensor => tensor(Float64Array.from(numbers));

function given({ node }: ResolvedNode, key: string): Tensor | undefined {
  const value = node.parameters[key];
  return typeof value === 'string' ? undefined : value;
}

function presetOf({ kind }: ResolvedNode, key: string): number {
  const declaration = kind.parameters[key];
  return declaration !== undefined && 'default' in declaration && typeof declaration.default === 'number'
    ? declaration.default
    : 0;
}

/** One value for each of `shape`, in the number format that is given. */
function spread(value: Tensor, shape: Shape): Tensor {
  const size = elementCount(shape);
  if (value.data.length === size) return tensor(value.data, shape);
  return tensor(new (value.data.constructor as new (size: number) => TensorData)(size).fill(value.data[0]!), shape);
}

const elements = (key: string, optional = false) =>
  dataset('elements', (node) => spread(given(node, key) ?? scalar(presetOf(node, key)), node.shape), optional);

const weight = dataset('reals', (node) => given(node, 'weight')!);

/** (out) as NIR has it; a bias for each output of a weight (…, out, in) keeps its leading dimensions. */
const bias = (axes: 0 | 1 | 2) =>
  dataset('reals', (node) => {
    const { shape } = given(node, 'weight')!;
    const outputs = [axes === 0 ? shape.at(-2)! : shape.at(-axes - 2)!];
    const value = given(node, 'bias') ?? scalar(0);
    return value.data.length > elementCount(outputs) ? value : spread(value, outputs);
  });

/** Along one axis a number, along two an array. */
const alongAxes = (key: string, axes: 1 | 2) => (node: ResolvedNode) => {
  const value = given(node, key) ?? scalar(presetOf(node, key));
  const { data } = value;
  return axes === 1 ? scalar(data[0]!) : whole([data[0]!, data[data.length - 1]!]);
};

const perAxis = (key: string, axes: 1 | 2) => dataset('axes', alongAxes(key, axes));

const padding = (axes: 1 | 2) =>
  dataset('padding', (node) => {
    const word = node.node.parameters.padding;
    return typeof word === 'string' ? word : alongAxes('padding', axes)(node);
  });

const inputShape = (axes: 1 | 2) =>
  dataset('axes', ({ inputShape: shape }) => (axes === 1 ? scalar(shape.at(-1)!) : whole(shape.slice(-2))), true);

const integer = (key: string) => dataset('integer', (node) => given(node, key) ?? scalar(presetOf(node, key)));

const shapeOfStep = dataset('integers', ({ shape }) => whole(shape));

const convolution = (axes: 1 | 2) => ({
  input_shape: inputShape(axes),
  weight,
  stride: perAxis('stride', axes),
  padding: padding(axes),
  dilation: perAxis('dilation', axes),
  groups: integer('groups'),
  bias: bias(axes),
});

const pooling = {
  kernel_size: perAxis('kernel_size', 2),
  stride: perAxis('stride', 2),
  padding: perAxis('padding', 2),
};

const leak = { r: elements('r'), v_leak: elements('v_leak') };
// Written by every version, read without it by those before 1.0.6: then a spike resets to 0, not to v_leak.
const firing = { v_threshold: elements('v_threshold'), v_reset: elements('v_reset', true) };
const current = { tau_syn: elements('tau_syn'), tau_mem: elements('tau_mem'), ...leak, w_in: elements('w_in', true) };

/** The type of a sub-graph, which has nodes and edges in place of parameters. */
export const SUBGRAPH = 'NIRGraph';

/** All primitives but the sub-graph. */
export const primitives: readonly NirPrimitive[] = [
  { type: 'Input', datasets: { shape: shapeOfStep } },
  { type: 'Output', datasets: { shape: { ...shapeOfStep, optional: true } } },
  { type: 'Linear', datasets: { weight } },
  { type: 'Affine', datasets: { weight, bias: bias(0) } },
  { type: 'Scale', datasets: { scale: elements('scale') } },
  { type: 'Conv1d', datasets: convolution(1) },
  { type: 'Conv2d', datasets: convolution(2) },
  { type: 'SumPool2d', datasets: pooling },
  { type: 'AvgPool2d', datasets: pooling },
  {
    type: 'Flatten',
    datasets: {
      start_dim: integer('start_dim'),
      end_dim: integer('end_dim'),
      input_type: dataset('integers', ({ inputShape: shape }) => whole(shape), true),
    },
  },
  { type: 'Delay', datasets: { delay: elements('delay') } },
  { type: 'Threshold', datasets: { threshold: elements('threshold') } },
  { type: 'I', datasets: { r: elements('r') } },
  { type: 'LI', datasets: { tau: elements('tau'), ...leak } },
  { type: 'IF', datasets: { r: elements('r'), ...firing } },
  { type: 'LIF', datasets: { tau: elements('tau'), ...leak, ...firing } },
  { type: 'CubaLI', datasets: current },
  { type: 'CubaLIF', datasets: { ...current, ...firing } },
];

const byType = new Map(primitives.map((primitive) => [primitive.type, primitive]));

/** The primitive of a type; undefined for what NIR has not, and for sub-graphs. */
export function primitiveOf(type: string): NirPrimitive | undefined {
  return byType.get(type);
}

/** Whether a primitive is a population that sends spikes. */
export function isSpiking(type: string): boolean {
  const kind = byType.has(type) ? kindOf(type, type) : undefined;
  return kind?.role === 'neuron' && kind.emits === 'spikes';
}

/** The types of all nodes that a NIR file may have. */
export const primitiveTypes: readonly string[] = [...byType.keys(), SUBGRAPH];
