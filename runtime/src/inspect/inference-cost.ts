import type { Model, ResolvedGraph } from '@spikewire/models';
import { elementCount, windowSteps } from '@spikewire/models';

/** What a sample did on average, as `evaluate` measures it. */
export interface MeasuredActivity {
  readonly spikesPerSample: number;
  readonly synapticOpsPerSample: number;
}

/** The shape of a net, as far as work goes. */
export interface NetShape {
  readonly inputs: number;
  readonly neurons: number;
  /** What a spike of every input of every connection would pass: the multiplications of a dense net. */
  readonly synapses: number;
  /** Of a sample, with its rest. */
  readonly steps: number;
  /** Bits of a weight as the model has it; an engine may keep it in others, such as a byte for 4 bits. */
  readonly bits: 32 | 8 | 4;
  /** Bytes of membranes (and synaptic currents) of all neurons. */
  readonly stateBytes: number;
}

/** One inference of a sample. */
export interface InferenceCost {
  /**
   * Additions of a weight (spiking; with graded input multiplications, which the estimate takes for additions), or
   * products (dense).
   */
  readonly operations: number;
  /** Neurons brought up to date: every one in every step, or once. */
  readonly updates: number;
  /**
   * Bytes between memory and arithmetic: a weight at each use; states, sums, activations and spikes as often as they
   * are written and read.
   */
  readonly bytes: number;
  /** Estimate, see `energy`. */
  readonly nanojoules: number;
}

export interface CostComparison {
  readonly measured: MeasuredActivity | undefined;
  /** Absent where nothing was measured. */
  readonly spiking: InferenceCost | undefined;
  /** A dense net of the same shape in int8: one pass, no time. */
  readonly dense: InferenceCost;
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

/**
 * What a sample costs beside the same shape as a dense int8 net, which multiplies once what the spiking net adds at
 * every spike.
 */
export function compareCost(shape: NetShape, measured: MeasuredActivity | undefined): CostComparison {
  const dense = denseCost(shape);
  const idle = spikingCost(shape, { spikesPerSample: 0, synapticOpsPerSample: 0 }).nanojoules;
  const perOperation = spikingCost(shape, { spikesPerSample: 0, synapticOpsPerSample: 1 }).nanojoules - idle;
  return {
    measured,
    spiking: measured && spikingCost(shape, measured),
    dense,
    breakEven: Math.max(0, (dense.nanojoules - idle) / perOperation),
  };
}

function spikingCost(shape: NetShape, { spikesPerSample, synapticOpsPerSample }: MeasuredActivity): InferenceCost {
  const { neurons, steps, bits, stateBytes } = shape;
  const updates = neurons * steps;
  const bytes =
    (synapticOpsPerSample * bits) / 8 +
    2 * steps * (stateBytes + SUM_BYTES * neurons) +
    2 * SPIKE_BYTES * spikesPerSample;
  const isFloat = bits === 32;
  const operation = isFloat ? energy.addFloat32 : energy.addInt16;
  const update = isFloat ? energy.multiplyFloat32 + 2 * energy.addFloat32 : energy.multiplyInt32 + 2 * energy.addInt32;
  const picojoules = synapticOpsPerSample * operation + updates * update + bytes * energy.byte;
  return { operations: synapticOpsPerSample, updates, bytes, nanojoules: picojoules / 1000 };
}

function denseCost({ inputs, neurons, synapses }: NetShape): InferenceCost {
  const bytes = synapses + inputs + 2 * neurons;
  const product = energy.multiplyInt8 + energy.addInt32;
  const activation = energy.multiplyInt32 + energy.addInt32;
  const picojoules = synapses * product + neurons * activation + bytes * energy.byte;
  return { operations: synapses, updates: neurons, bytes, nanojoules: picojoules / 1000 };
}

/** The shape of a model; `synapses` as `inspect` counts them. */
export function shapeOf(model: Model, graph: ResolvedGraph, synapses: number): NetShape {
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
    steps: windowSteps(model.sample),
    bits: model.quantization?.bits ?? 32,
    stateBytes,
  };
}

/** What the trainer measured and wrote on the model's card; undefined where it did not. */
export function activityOnCard({ provenance }: Model): MeasuredActivity | undefined {
  const { spikesPerSample, synapticOpsPerSample } = provenance;
  if (typeof spikesPerSample !== 'number' || typeof synapticOpsPerSample !== 'number') return undefined;
  return { spikesPerSample, synapticOpsPerSample };
}
