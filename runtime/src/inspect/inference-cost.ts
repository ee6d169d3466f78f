import type { Model, ResolvedGraph, ResolvedNode, TeachableCost } from '@spikewire/models';
import { elementCount, windowSteps } from '@spikewire/models';
import { countSynapses, GradedWork } from '../session/graded-work.ts';

/** What a sample did on average, as `evaluate` measures it. */
export interface MeasuredActivity {
  readonly spikesPerSample: number;
  readonly synapticOpsPerSample: number;
  /** Absent where only the sum is known: then as many as graded events can be. */
  readonly multiplicationsPerSample?: number;
}

/** The shape of a net, as far as work goes. */
export interface NetShape {
  readonly inputs: number;
  readonly neurons: number;
  /** What a spike of every input of every connection would pass: the multiplications of a dense net. */
  readonly synapses: number;
  /** Of these, those that graded events pass: input that is no spikes, and states of neurons. */
  readonly gradedSynapses: number;
  /** Of a sample, with its rest. */
  readonly steps: number;
  /** Bits of a weight as the model has it; an engine may keep it in others, such as a byte for 4 bits. */
  readonly bits: 32 | 8 | 4;
  /** Bytes of membranes (and synaptic currents) of all neurons. */
  readonly stateBytes: number;
  /** Multiply-adds of the features for a sample. */
  readonly featureWork: number;
  /** Those of a read-out that can be taught; absent where there is none. */
  readonly taught?: Pick<TeachableCost, 'answerWork' | 'lessonWork'> | undefined;
}

/** One inference of a sample. */
export interface InferenceCost {
  /** Weights that are added (spiking), or products (dense). */
  readonly operations: number;
  /** Of these, those that multiply a weight by a graded event first. */
  readonly multiplications: number;
  /** Neurons brought up to date: every one in every step, or once. */
  readonly updates: number;
  /** Multiply-adds of the features and of the read-out that can be taught, in real numbers. */
  readonly features: number;
  readonly readOut: number;
  /**
   * Bytes between memory and arithmetic: a weight at each use; states, sums, activations and spikes as often as they
   * are written and read; a number of features or read-out for each of their multiply-adds.
   */
  readonly bytes: number;
  /** Estimate, see `energy`. */
  readonly nanojoules: number;
}

/** What a lesson costs a read-out, with the answer that it judges. */
export interface LessonCost {
  /** Multiply-adds. */
  readonly operations: number;
  readonly bytes: number;
  readonly nanojoules: number;
}

export interface CostComparison {
  readonly measured: MeasuredActivity | undefined;
  /** Absent where nothing was measured. */
  readonly spiking: InferenceCost | undefined;
  /** A dense net of the same shape in int8, with the same features and read-out: one pass, no time. */
  readonly dense: InferenceCost;
  /** Absent where there is no read-out that can be taught. */
  readonly lesson: LessonCost | undefined;
  /**
   * Synaptic operations of a sample below which the spiking net takes less energy; 0 where its updates alone cost more.
   */
  readonly breakEven: number;
}

/**
 * Picojoules at 45 nm and 0.9 V (Horowitz, "Computing's energy problem", ISSCC 2014). They are dated and no machine's
 * own; what the comparison rests on are their ratios, above all that memory costs more than arithmetic.
 */
const energy = {
  addInt16: 0.05,
  addInt32: 0.1,
  addFloat32: 0.9,
  multiplyInt8: 0.2,
  multiplyInt32: 3.1,
  multiplyFloat32: 3.7,
  /** A cache of 32 KiB, 20 pJ for 8 bytes. */
  byte: 20 / 8,
};

const SUM_BYTES = 4;
/** A spike is the 32-bit place of its neuron. */
const SPIKE_BYTES = 4;
/** Features compute in float64, read-outs keep float32. */
const FEATURE_BYTES = 8;
const READ_OUT_BYTES = 4;

/**
 * What a sample costs beside the same shape as a dense int8 net, which multiplies once what the spiking net adds at
 * every spike.
 */
export function compareCost(shape: NetShape, measured: MeasuredActivity | undefined): CostComparison {
  const dense = denseCost(shape);
  const idle = spikingCost(shape, { spikesPerSample: 0, synapticOpsPerSample: 0 }).nanojoules;
  return {
    measured,
    spiking: measured && spikingCost(shape, measured),
    dense,
    lesson: shape.taught && lessonCost(shape.taught.lessonWork),
    breakEven: Math.max(0, (dense.nanojoules - idle) / perOperation(shape, measured, idle)),
  };
}

/** Nanojoules of a synaptic operation of the mixture that was measured; before that graded events come first. */
function perOperation(shape: NetShape, measured: MeasuredActivity | undefined, idle: number): number {
  const { synapticOpsPerSample: operations = 0, multiplicationsPerSample: known } = measured ?? {};
  const mixture =
    operations === 0
      ? { synapticOpsPerSample: 1 }
      : { synapticOpsPerSample: operations, ...(known !== undefined && { multiplicationsPerSample: known }) };
  const { nanojoules } = spikingCost(shape, { spikesPerSample: 0, ...mixture });
  return (nanojoules - idle) / mixture.synapticOpsPerSample;
}

function spikingCost(shape: NetShape, measured: MeasuredActivity): InferenceCost {
  const { neurons, steps, bits, stateBytes } = shape;
  const { spikesPerSample, synapticOpsPerSample: operations } = measured;
  const graded = measured.multiplicationsPerSample ?? shape.gradedSynapses * steps;
  const multiplications = Math.min(operations, graded);
  const updates = neurons * steps;
  const [beside, bytesBeside] = besideNet(shape);
  const bytes =
    (operations * bits) / 8 +
    2 * steps * (stateBytes + SUM_BYTES * neurons) +
    2 * SPIKE_BYTES * spikesPerSample +
    bytesBeside;
  const isFloat = bits === 32;
  const [add, multiply] = isFloat
    ? [energy.addFloat32, energy.multiplyFloat32]
    : [energy.addInt16, energy.multiplyInt32];
  const update = isFloat ? energy.multiplyFloat32 + 2 * energy.addFloat32 : energy.multiplyInt32 + 2 * energy.addInt32;
  const picojoules = operations * add + multiplications * multiply + updates * update + beside + bytes * energy.byte;
  return { operations, multiplications, updates, ...workBeside(shape), bytes, nanojoules: picojoules / 1000 };
}

function denseCost(shape: NetShape): InferenceCost {
  const { inputs, neurons, synapses } = shape;
  const [beside, bytesBeside] = besideNet(shape);
  const bytes = synapses + inputs + 2 * neurons + bytesBeside;
  const product = energy.multiplyInt8 + energy.addInt32;
  const activation = energy.multiplyInt32 + energy.addInt32;
  const picojoules = synapses * product + neurons * activation + beside + bytes * energy.byte;
  return {
    operations: synapses,
    multiplications: synapses,
    updates: neurons,
    ...workBeside(shape),
    bytes,
    nanojoules: picojoules / 1000,
  };
}

function workBeside({ featureWork, taught }: NetShape) {
  return { features: featureWork, readOut: taught?.answerWork ?? 0 };
}

/** Picojoules of the arithmetic of features and read-out, and the bytes that they move. */
function besideNet(shape: NetShape): readonly [picojoules: number, bytes: number] {
  const { features, readOut } = workBeside(shape);
  return [(features + readOut) * multiplyAdd, FEATURE_BYTES * features + READ_OUT_BYTES * readOut];
}

/** In real numbers. */
const multiplyAdd = energy.multiplyFloat32 + energy.addFloat32;

function lessonCost(operations: number): LessonCost {
  const bytes = READ_OUT_BYTES * operations;
  return { operations, bytes, nanojoules: (operations * multiplyAdd + bytes * energy.byte) / 1000 };
}

/** What comes before a net and behind it. */
export interface WorkBeside {
  readonly featureWork: number;
  readonly taught: NetShape['taught'];
}

/** The shape of a model. */
export function shapeOf(model: Model, graph: ResolvedGraph, { featureWork, taught }: WorkBeside): NetShape {
  const synapses = graph.nodes.reduce((sum, node) => sum + synapsesOf(node), 0);
  const sizeOf = (role: 'input' | 'neuron') =>
    graph.nodes.reduce((sum, { kind, shape }) => sum + (kind.role === role ? elementCount(shape) : 0), 0);
  const stateBytes = graph.nodes.reduce((sum, { name, kind, shape }) => {
    if (kind.role !== 'neuron') return sum;
    const constants = model.quantization?.neurons.get(name);
    const bytes = (constants?.membraneBits ?? 32) / 8;
    return sum + elementCount(shape) * bytes * (constants?.current === undefined ? 1 : 2);
  }, 0);
  return {
    inputs: sizeOf('input'),
    neurons: sizeOf('neuron'),
    synapses,
    gradedSynapses: new GradedWork(model, graph).synapses,
    steps: windowSteps(model.sample),
    bits: model.quantization?.bits ?? 32,
    stateBytes,
    featureWork,
    ...(taught && { taught }),
  };
}

/** What a spike of every input of a connection would pass; 0 of other nodes, and of those without weights. */
export function synapsesOf({ kind, node, inputShape }: ResolvedNode): number {
  const connectivity = kind.role === 'connection' ? kind.connect(node, inputShape) : undefined;
  return connectivity?.weights === undefined ? 0 : countSynapses(connectivity);
}

/** What the trainer measured and wrote on the model's card; undefined where it did not. */
export function activityOnCard({ provenance }: Model): MeasuredActivity | undefined {
  const { spikesPerSample, synapticOpsPerSample, multiplicationsPerSample: known } = provenance;
  if (typeof spikesPerSample !== 'number' || typeof synapticOpsPerSample !== 'number') return undefined;
  const multiplications = typeof known === 'number' ? { multiplicationsPerSample: known } : {};
  return { spikesPerSample, synapticOpsPerSample, ...multiplications };
}
