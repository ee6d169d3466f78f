import { availableParallelism } from 'node:os';
import { elementCount } from '@spikewire/models';
import { SparseProducts } from '../events/sparse-products.ts';
import type { Program } from '../graph/program.ts';
import type { Application } from '../graph/value.ts';
import type { Backend, Executable } from './backend.ts';
import { openSession } from './onnx-session.ts';
import { type ApartProduct, outputsOf, type Stage, stagesOf } from './stages.ts';

/** Multiplications of a dense product from which on it is worth while to look for what is not 0. */
const LARGE = 3e7;

/**
 * Programs as ONNX models on the CPU, by `onnxruntime-node`; but large products with spikes read their active rows
 * only, between one model and the next.
 *
 * @param threads for one operation; one per core without it
 */
export function onnxRuntime(threads = availableParallelism()): Backend {
  return {
    name: 'onnx',
    compile: (program) => compile(program, threads),
  };
}

async function compile(program: Program, threads: number): Promise<Executable> {
  const { stages, nameOf, copies } = stagesOf(program, isLargeSparseProduct);
  const sessions = await Promise.all(
    stages.map((stage) => (stage.program.outputs.size === 0 ? undefined : openSession(stage.program, threads))),
  );
  const openDense = (product: ApartProduct) => openSession(product.program, threads);
  const products = new SparseProducts(
    stages.flatMap((stage) => stage.products),
    { threads, nameOf, openDense },
  );
  const between = arraysBetween(program, stages);
  return {
    room: products.room,
    async run(inputs, outputs) {
      const arrays = { ...between, ...inputs, ...outputs };
      for (const [index, stage] of stages.entries()) {
        await sessions[index]?.run(arrays, arrays);
        for (const product of stage.products) await products.run(product, arrays);
      }
      for (const [output, from] of copies) outputs[output]!.set(arrays[from]!);
    },
    async close() {
      await Promise.all([products.close(), ...sessions.map((session) => session?.close())]);
    },
  };
}

function isLargeSparseProduct(application: Application): boolean {
  const product = application.operation.sparseProduct?.(application);
  if (product === undefined) return false;
  return elementCount(product.matrix.shape) * outputsOf(product, application.results[0]!) >= LARGE;
}

/** Room for what one part gives and another takes. */
function arraysBetween(program: Program, stages: readonly Stage[]): Record<string, Float32Array> {
  const parts = stages.flatMap((stage) => [stage.program, ...stage.products.map((product) => product.program)]);
  const given = parts.flatMap(({ outputs }) => [...outputs]);
  return Object.fromEntries(
    given.flatMap(([name, { shape }]) =>
      program.outputs.has(name) ? [] : [[name, new Float32Array(elementCount(shape))] as const],
    ),
  );
}
