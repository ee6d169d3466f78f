import { elementCount, type Shape, SpikewireError } from '@spikewire/models';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Program } from '../graph/program.ts';
import type { Executable, NumberArrays } from './backend.ts';
import { freeMemory } from './free-memory.ts';
import { lowerToOnnx } from './lower-to-onnx.ts';

/**
 * How long a thread that has nothing to do waits awake, in microseconds: long enough for the next of many small
 * operations, short enough not to take the cores from others. With the library's own choice a step takes twice as long
 * beside other programs.
 */
const AWAKE_MICROSECONDS = '50';

/**
 * Numbers that an operation of a program takes or gives, on average, from which on several threads do it faster. Below,
 * they wait for each other.
 */
const WORTH_THREADS = 50_000;

/** A program as one ONNX model, plain data. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly inputs: NamedShapes;
  readonly outputs: NamedShapes;
  /** Numbers of the largest array of an operation, on average. */
  readonly meanSize: number;
}

type NamedShapes = readonly (readonly [name: string, shape: Shape])[];

export function onnxModelOf(program: Program): OnnxModel {
  const shapes = (values: Program['inputs']) => [...values].map(([name, { shape }]) => [name, shape] as const);
  const [inputs, outputs] = [shapes(program.inputs), shapes(program.outputs)];
  return { bytes: lowerToOnnx(program), inputs, outputs, meanSize: meanSize(program) };
}

/** An ONNX model in `onnxruntime-node`; of the arrays it is given, it looks at its own. */
export async function openSession(model: OnnxModel, threads: number): Promise<Executable> {
  const ort = await loadLibrary();
  const session = await ort.InferenceSession.create(model.bytes, {
    intraOpNumThreads: model.meanSize < WORTH_THREADS ? 1 : threads,
    extra: { session: { intra_op: { spin_duration_us: AWAKE_MICROSECONDS } } },
  });
  const wrap = tensorsOver(ort.Tensor, model);
  return {
    async run(inputs, outputs) {
      const given = wrap.inputs(inputs);
      const results = await session.run(given, wrap.outputs(outputs) as unknown as InferenceSession.FetchesType);
      freeMemory([...copiesAmong(given, inputs), ...copiesAmong(results, outputs)]);
    },
    close: () => session.release(),
  };
}

/** Memory of tensors that are not the callers' own arrays: the library copies each result once more than asked. */
function copiesAmong(tensors: InferenceSession.ReturnType, arrays: NumberArrays): ArrayBuffer[] {
  return Object.entries(tensors).flatMap(([name, { data }]) => {
    const { buffer } = data as Float32Array<ArrayBuffer>;
    return buffer === arrays[name]!.buffer ? [] : [buffer];
  });
}

function meanSize({ applications }: Program): number {
  const largest = ({ inputs, results }: Program['applications'][number]) =>
    Math.max(...[...inputs, ...results].map(({ shape }) => elementCount(shape)));
  return applications.reduce((sum, each) => sum + largest(each), 0) / applications.length;
}

async function loadLibrary(): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpikewireError(
      'unsupported',
      'onnxruntime-node',
      `cannot be loaded: ${reason}`,
      'npm install onnxruntime-node',
      cause,
    );
  }
}

/** Tensors over the callers' arrays, without a copy but of memory that threads share. */
function tensorsOver(TensorClass: typeof Tensor, { inputs, outputs }: OnnxModel) {
  const over = (shapes: NamedShapes) => (arrays: NumberArrays) =>
    Object.fromEntries(
      shapes.map(([name, shape]) => [name, new TensorClass('float32', plain(arrays[name]!), shape)] as const),
    );
  return { inputs: over(inputs), outputs: over(outputs) };
}

/** The library takes no memory that threads share, on Node 20. */
function plain(array: Float32Array): Float32Array {
  return array.buffer instanceof SharedArrayBuffer ? array.slice() : array;
}
