/** In what numbers an accumulator is kept. */
export type SumFormat = 'int16' | 'int32' | 'float32';

const source = ['list', 'delay', 'sourceStride', 'sourcePixels'] as const;

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
  'apartY',
  'apartX',
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
  'pixelStep',
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

const elements = [...source, 'targetStride', 'targetPixels', 'accumulator', 'weights', 'shift'] as const;

const sparse = [...source, 'weights', 'offsets', 'targets', 'accumulator', 'shift', 'flags'] as const;

const others = [...source, 'targetStride', 'targetPixels', 'accumulator', 'weights', 'shift', 'synapses'] as const;

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

const integerPopulation = [...population, 'headroom', 'maximum'] as const;

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
  'firstDecay',
  'firstReversal',
  'secondDecay',
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
 * What each family of kernels takes, in order. A kernel calls its operands by these names too, which the build writes
 * for it.
 */
export const operandLists = {
  advance: ['list'],
  copy: ['to', 'from', 'bytes'],
  collect: ['accumulator', 'length', 'list'],
  mark: ['list', 'delay', 'mark'],
  onlyIf: ['list', 'delay', 'graded'],
  takeInput: ['window', 'input', 'list'],
  addProduct: ['weights', 'trace', 'factors', 'inputs', 'columns', 'rowBytes'],
  changeRow: ['row', 'trace', 'inputs', 'rowBytes'],
  rows,
  convolution,
  gathered,
  patterned,
  pooling,
  windowSums,
  elements,
  sparse,
  others,
  population,
  integerPopulation,
  adaptingPopulation,
  synaptic,
  adaptive,
} as const;

/**
 * The family of an instruction, and the kernel that carries it out: `function<types>` of a file in `engine/kernels`.
 */
interface Instruction {
  readonly takes: keyof typeof operandLists;
  readonly kernel: string;
}

/**
 * The instructions that kernels understand, by name; their codes are their indices here. Addresses and
 * sizes are in bytes, `delay` in steps; the AssemblyScript kernels say in their doc comments what each operand means.
 */
export const instructionSet = {
  advance: { takes: 'advance', kernel: 'emission-ring/advance' },
  copy: { takes: 'copy', kernel: 'memory/copy' },
  collectInt32: { takes: 'collect', kernel: 'collect/collect<i32>' },
  collectFloat32: { takes: 'collect', kernel: 'collect/collect<f32>' },
  addRowsInt16: { takes: 'rows', kernel: 'dense/addRows<i16, i8>' },
  addRowsInt32: { takes: 'rows', kernel: 'dense/addRows<i32, i8>' },
  addRowsFloat32: { takes: 'rows', kernel: 'dense/addRows<f32, f32>' },
  convolveInt16: { takes: 'convolution', kernel: 'convolution/convolve<i16>' },
  convolveInt32: { takes: 'convolution', kernel: 'convolution/convolve<i32>' },
  convolveFloat32: { takes: 'convolution', kernel: 'convolution/convolve<f32>' },
  poolInt16: { takes: 'pooling', kernel: 'pooling/pool<i16>' },
  poolInt32: { takes: 'pooling', kernel: 'pooling/pool<i32>' },
  poolFloat32: { takes: 'pooling', kernel: 'pooling/pool<f32>' },
  addElementsInt16: { takes: 'elements', kernel: 'elementwise/addElements<i16>' },
  addElementsInt32: { takes: 'elements', kernel: 'elementwise/addElements<i32>' },
  addElementsFloat32: { takes: 'elements', kernel: 'elementwise/addElements<f32>' },
  stepMembranes16Sums16: { takes: 'integerPopulation', kernel: 'integer-population/stepIntegers<i16, i16>' },
  stepMembranes16Sums32: { takes: 'integerPopulation', kernel: 'integer-population/stepIntegers<i16, i32>' },
  stepMembranes32Sums16: { takes: 'integerPopulation', kernel: 'integer-population/stepIntegers<i32, i16>' },
  stepMembranes32Sums32: { takes: 'integerPopulation', kernel: 'integer-population/stepIntegers<i32, i32>' },
  stepFloats: { takes: 'population', kernel: 'float-population/stepFloats<f32>' },
  collectInt16: { takes: 'collect', kernel: 'collect/collect16' },
  addSparseInt16: { takes: 'sparse', kernel: 'sparse/addSparse<i16>' },
  addSparseInt32: { takes: 'sparse', kernel: 'sparse/addSparse<i32>' },
  addSparseFloat32: { takes: 'sparse', kernel: 'sparse/addSparse<f32>' },
  addOthersInt16: { takes: 'others', kernel: 'all-but-one/addOthers<i16>' },
  addOthersInt32: { takes: 'others', kernel: 'all-but-one/addOthers<i32>' },
  addOthersFloat32: { takes: 'others', kernel: 'all-but-one/addOthers<f32>' },
  stepSynaptic: { takes: 'synaptic', kernel: 'synaptic-population/stepSynaptic' },
  stepAdaptive: { takes: 'adaptive', kernel: 'adaptive-population/stepAdaptive' },
  mark: { takes: 'mark', kernel: 'emission-ring/mark' },
  stepAdaptiveMembranes16Sums16: {
    takes: 'adaptingPopulation',
    kernel: 'integer-adaptive-population/stepAdaptiveIntegers<i16, i16>',
  },
  stepAdaptiveMembranes16Sums32: {
    takes: 'adaptingPopulation',
    kernel: 'integer-adaptive-population/stepAdaptiveIntegers<i16, i32>',
  },
  stepAdaptiveMembranes32Sums16: {
    takes: 'adaptingPopulation',
    kernel: 'integer-adaptive-population/stepAdaptiveIntegers<i32, i16>',
  },
  stepAdaptiveMembranes32Sums32: {
    takes: 'adaptingPopulation',
    kernel: 'integer-adaptive-population/stepAdaptiveIntegers<i32, i32>',
  },
  takeInput: { takes: 'takeInput', kernel: 'input-window/takeInput' },
  poolSpikesInt32: { takes: 'windowSums', kernel: 'pooling/poolSpikes<i32>' },
  poolSpikesFloat32: { takes: 'windowSums', kernel: 'pooling/poolSpikes<f32>' },
  gather: { takes: 'gathered', kernel: 'convolution-gather/gather' },
  addPatterns: { takes: 'patterned', kernel: 'convolution-patterns/addPatterns' },
  addProduct: { takes: 'addProduct', kernel: 'learning/addProduct' },
  changeRow: { takes: 'changeRow', kernel: 'learning/changeRow' },
  onlyIf: { takes: 'onlyIf', kernel: 'emission-ring/isMet' },
  addByteRowsFloat32: { takes: 'rows', kernel: 'dense/addRows<f32, i8>' },
  stepFloatsSums16: { takes: 'population', kernel: 'float-population/stepFloats<i16>' },
  stepFloatsSums32: { takes: 'population', kernel: 'float-population/stepFloats<i32>' },
} as const satisfies Readonly<Record<string, Instruction>>;

export type InstructionName = keyof typeof instructionSet;

/** The operands of an instruction by name. */
export type OperandsOf<Name extends InstructionName> = Readonly<
  Record<(typeof operandLists)[(typeof instructionSet)[Name]['takes']][number], number>
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
export type PopulationOperands = OperandsOf<'stepFloats'>;
export type IntegerPopulationOperands = OperandsOf<'stepMembranes32Sums32'>;
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
  /** A read-out hands on no more than so much; integers only. */
  maximum: 1024,
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

const instructionNames = Object.keys(instructionSet) as InstructionName[];
const codes = new Map(instructionNames.map((name, code) => [name, code]));

/** Words of an instruction before its operands: its code and its length in bytes. */
const HEAD = 2;

/** An instruction as 32-bit words. */
export function encode<Name extends InstructionName>(name: Name, operands: OperandsOf<Name>): number[] {
  const names = operandLists[instructionSet[name].takes];
  const values = operands as Readonly<Record<string, number>>;
  return [codes.get(name)!, 4 * (HEAD + names.length), ...names.map((operand) => values[operand]!)];
}

/** A real number as an operand: the bits of its float32. */
export function floatOperand(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}

/** The instruction at word `at`, and the word after it. */
export function decode(
  words: Int32Array,
  at: number,
): { name: InstructionName; operands: Record<string, number>; next: number } {
  const name = instructionNames[words[at]!]!;
  const operands = Object.fromEntries(
    operandLists[instructionSet[name].takes].map((operand, index) => [operand, words[at + HEAD + index]!]),
  );
  return { name, operands, next: at + words[at + 1]! / 4 };
}

const bits = new DataView(new ArrayBuffer(4));

/** The float32 number that an operand carries as its bits. */
export function floatOf(operand: number): number {
  bits.setInt32(0, operand);
  return bits.getFloat32(0);
}
