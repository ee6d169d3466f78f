import { elementCount, type Model } from '@spikewire/models';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EventBuffer, engineNamed } from 'spikewire';
import { windowsOf } from 'spikewire/data';

/** What arrives at the Output for each sample. */
export function answersOf(model: Model, samples: readonly Float64Array[]): number[][] {
  const network = engineNamed('reference').load(model);
  const size = elementCount(network.graph.nodes.find(({ kind }) => kind.role === 'output')!.shape);
  return [...windowsOf(model, { samples })].map(({ steps, input }) => {
    const [output, spikes] = [new EventBuffer(size), new EventBuffer(2 ** 16)];
    network.resetActivity();
    network.run(steps, input, output, spikes);
    const values = new Array<number>(size).fill(0);
    for (let k = 0; k < output.length; k++) values[output.index[k]!]! += output.value[k]!;
    return values;
  });
}

/** What ONNX Runtime gives for them, each a batch of one. */
export async function answersOfRuntime(bytes: Uint8Array, shape: readonly number[], samples: readonly Float64Array[]) {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  const answers: number[][] = [];
  for (const sample of samples) {
    const tensor = new Tensor('float32', Float32Array.from(sample), [1, ...shape]);
    const found = await session.run({ [session.inputNames[0]!]: tensor });
    answers.push(Array.from(found[session.outputNames[0]!]!.data as Float32Array));
  }
  await session.release();
  return answers;
}

/** The largest difference of two lists of answers. */
export const largestError = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
  Math.max(...a.flatMap((row, i) => row.map((value, k) => Math.abs(value - b[i]![k]!))));
