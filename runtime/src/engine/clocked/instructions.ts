/** In what numbers an accumulator is kept. */
export type SumFormat = 'int16' | 'int32' | 'float32';

const source = ['list', 'delay', 'sourceStride', 'sourcePlaces'] as const;

const rows = [...source, 'weights', 'rowBytes', 'accumulator', 'columns', 'shift', 'synapses', 'kept'] as const;

const convolution = [
  ...source,
  'weights',
  'accumulator',
  'shift',
  'inputWidth',
  'inputArea',
  'kernelHeight',
  'kernelWidth',
  'strideY',
  'strideX',
  'paddingY',
  'paddingX',
  'dilationY',
  'dilationX',
  'outputHeight',
  'outputWidth',
  'stride',
  'inputsPerGroup',
  'outputsPerGroup',
  'groups',
  'partial',
  'largest',
] as const;

const gathered = [...convolution, 'multiples', 'multipleBytes'] as const;

const patterned = [...convolution, 'table'] as const;

const pooling = [
  ...source,
  'accumulator',
  'gain',
  'inputWidth',
  'inputArea',
  'kernelHeight',
  'kernelWidth',
  'strideY',
  'strideX',
  'paddingY',
  'paddingX',
  'outputHeight',
  'outputWidth',
  'placeStep',
  'channelStep',
  'table',
] as const;

const windowSums = [
  'map',
  'list',
  'stride',
  'inputWidth',
  'kernelHeight',
  'kernelWidth',
  'outputHeight',
  'outputWidth',
  'gain',
  'lanes',
] as const;

const elements = [...source, 'targetStride', 'targetPlaces', 'accumulator', 'weights', 'shift'] as const;

const sparse = [...source, 'weights', 'offsets', 'targets', 'accumulator', 'shift', 'flags'] as const;

const others = [...source, 'targetStride', 'targetPlaces', 'accumulator', 'weights', 'shift', 'synapses'] as const;

const population = [
  'accumulator',
  'membrane',
  'length',
  'period',
  'list',
  'flags',
  'fraction',
  'handOn',
  'decay',
  'gain',
  'bias',
  'threshold',
  'reset',
  'minimum',
  'refractory',
  'refractorySteps',
  'current',
  'currentDecay',
  'currentGain',
  'currentBias',
  'saturated',
  'map',
] as const;

const wholePopulation = [...population, 'headroom'] as const;

/** A population whose thresholds adapt: a, E, C and d of the integer form besides. */
const adaptingPopulation = [...population, 'theta', 'thetaFraction', 'thetaDecay', 'thetaRise'] as const;

const synaptic = [
  'membrane',
  'first',
  'second',
  'neurons',
  'length',
  'list',
  'wakes',
  'queue',
  'clock',
  'decay',
  'firstDecay',
  'secondDecay',
  'ratio',
  'threshold',
  'reset',
  'refractorySteps',
] as const;

const adaptive = [
  'membrane',
  'first',
  'firstArrivals',
  'second',
  'secondArrivals',
  'theta',
  'scale',
  'length',
  'stride',
  'channels',
  'list',
  'wakes',
  'queue',
  'held',
  'clock',
  'asleep',
  'flags',
  'refractorySteps',
  'share',
  'leak',
  'firstLeft',
  'firstReversal',
  'secondLeft',
  'secondReversal',
  'threshold',
  'reset',
  'minimum',
  'rise',
  'firstMark',
  'secondMark',
  'lowest',
] as const;

/**
 * The instructions that kernels understand, by name: their code and what their operands are, in order. Addresses and sizes are in
 * bytes, `delay` in steps; the AssemblyScript kernels say in their doc comments what each operand means.
 */
export const instructionSet = {
  advance: { code: 0, operands: ['list'] },
  copy: { code: 1, operands: ['to', 'from', 'bytes'] },
  collectInt32: { code: 2, operands: ['accumulator', 'length', 'list'] },
  collectFloat32: { code: 3, operands: ['accumulator', 'length', 'list'] },
  addRowsInt16: { code: 4, operands: rows },
  addRowsInt32: { code: 5, operands: rows },
  addRowsFloat32: { code: 6, operands: rows },
  convolveInt16: { code: 7, operands: convolution },
  convolveInt32: { code: 8, operands: convolution },
  convolveFloat32: { code: 9, operands: convolution },
  poolInt16: { code: 10, operands: pooling },
  poolInt32: { code: 11, operands: pooling },
  poolFloat32: { code: 12, operands: pooling },
  addElementsInt16: { code: 13, operands: elements },
  addElementsInt32: { code: 14, operands: elements },
  addElementsFloat32: { code: 15, operands: elements },
  stepMembranes16Sums16: { code: 16, operands: wholePopulation },
  stepMembranes16Sums32: { code: 17, operands: wholePopulation },
  stepMembranes32Sums16: { code: 18, operands: wholePopulation },
  stepMembranes32Sums32: { code: 19, operands: wholePopulation },
  stepReals: { code: 20, operands: population },
  collectInt16: { code: 21, operands: ['accumulator', 'length', 'list'] },
  addSparseInt16: { code: 22, operands: sparse },
  addSparseInt32: { code: 23, operands: sparse },
  addSparseFloat32: { code: 24, operands: sparse },
  addOthersInt16: { code: 25, operands: others },
  addOthersInt32: { code: 26, operands: others },
  addOthersFloat32: { code: 27, operands: others },
  stepSynaptic: { code: 28, operands: synaptic },
  stepAdaptive: { code: 29, operands: adaptive },
  mark: { code: 30, operands: ['list', 'delay', 'mark'] },
  stepAdaptiveMembranes16Sums16: { code: 31, operands: adaptingPopulation },
  stepAdaptiveMembranes16Sums32: { code: 32, operands: adaptingPopulation },
  stepAdaptiveMembranes32Sums16: { code: 33, operands: adaptingPopulation },
  stepAdaptiveMembranes32Sums32: { code: 34, operands: adaptingPopulation },
  takeInput: { code: 40, operands: ['window', 'place', 'list'] },
  poolSpikesInt32: { code: 41, operands: windowSums },
  poolSpikesFloat32: { code: 42, operands: windowSums },
  gather: { code: 43, operands: gathered },
  addPatterns: { code: 44, operands: patterned },
  addProduct: { code: 50, operands: ['weights', 'trace', 'factors', 'inputs', 'columns', 'rowBytes'] },
  changeRow: { code: 51, operands: ['row', 'trace', 'inputs', 'rowBytes'] },
  onlyIf: { code: 60, operands: ['list', 'delay', 'graded'] },
  addByteRowsFloat32: { code: 61, operands: rows },
  stepRealsSums16: { code: 62, operands: population },
  stepRealsSums32: { code: 63, operands: population },
} as const;

export type InstructionName = keyof typeof instructionSet;

/** The operands of an instruction by name. */
export type OperandsOf<Name extends InstructionName> = Readonly<
  Record<(typeof instructionSet)[Name]['operands'][number], number>
>;

export type RowOperands = OperandsOf<'addRowsInt16'>;
export type ConvolutionOperands = OperandsOf<'convolveInt16'>;
export type PoolingOperands = OperandsOf<'poolInt16'>;
export type SpikePoolingOperands = OperandsOf<'poolSpikesInt32'>;
export type ElementOperands = OperandsOf<'addElementsInt16'>;
export type SparseOperands = OperandsOf<'addSparseInt16'>;
export type OthersOperands = OperandsOf<'addOthersInt16'>;
export type InputOperands = OperandsOf<'takeInput'>;
export type CollectOperands = OperandsOf<'collectInt32'>;
export type SynapticOperands = OperandsOf<'stepSynaptic'>;
export type ProductOperands = OperandsOf<'addProduct'>;
export type RowChangeOperands = OperandsOf<'changeRow'>;
export type AdaptiveOperands = OperandsOf<'stepAdaptive'>;
export type PopulationOperands = OperandsOf<'stepReals'>;
export type WholePopulationOperands = OperandsOf<'stepMembranes32Sums32'>;
export type AdaptingPopulationOperands = OperandsOf<'stepAdaptiveMembranes16Sums16'>;

/** What a population has, as bits of the operand `flags`. */
export const populationFlags = {
  firing: 1,
  refractory: 2,
  minimum: 4,
  current: 8,
  subtract: 16,
  many: 32,
  /** A spike at v ≥ θ. */
  atThreshold: 64,
  /** No membrane can leave its format, whatever arrives: those of 32 bits need 31 at most. No decay is negative. */
  neverSaturates: 128,
  /** All neurons have the same constants, which are there sixteen times; real numbers only. */
  alike: 256,
  /** All neurons have one decay, below 1. Membranes of 16 bits only. */
  leaksAlike: 512,
} as const;

/** What an adaptive population has, as bits of the operand `flags`. */
export const adaptiveFlags = {
  /** How many conductances drive it; 0: a current does. */
  conductances: 3,
  /** A spike at v ≥ θ. */
  atThreshold: 4,
  subtract: 8,
  minimum: 16,
} as const;

/** How listed synapses are kept, as bits of the operand `flags`. */
export const sparseFlags = {
  /** One weight per input, which all its synapses have. */
  equalRows: 1,
  /** Targets have 32 bits, else 16. */
  wide: 2,
} as const;

/** Words of an instruction before its operands: its code and its length in bytes. */
const HEAD = 2;

/** An instruction as 32-bit words. */
export function encode<Name extends InstructionName>(name: Name, operands: OperandsOf<Name>): number[] {
  const { code, operands: names } = instructionSet[name];
  const values = operands as Readonly<Record<string, number>>;
  return [code, 4 * (HEAD + names.length), ...names.map((operand) => values[operand]!)];
}

/** A real number as an operand: the bits of its float32. */
export function realOperand(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}

/** The instruction at word `at`, and the word after it. */
export function decode(
  words: Int32Array,
  at: number,
): { name: InstructionName; operands: Record<string, number>; next: number } {
  const entry = Object.entries(instructionSet).find(([, { code }]) => code === words[at])!;
  const operands = Object.fromEntries(entry[1].operands.map((operand, place) => [operand, words[at + HEAD + place]!]));
  return { name: entry[0] as InstructionName, operands, next: at + words[at + 1]! / 4 };
}
