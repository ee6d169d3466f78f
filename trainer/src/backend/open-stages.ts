import type { Executable } from './backend.ts';
import { openSession } from './onnx-session.ts';
import { SparseProducts } from './sparse-products.ts';
import type { StagedModel } from './staged-model.ts';

/** Opens a program in stages in this thread, with so many `threads` for one operation. */
export async function openStages({ stages, copies, between }: StagedModel, threads: number): Promise<Executable> {
  const sessions = await Promise.all(stages.map(({ model }) => model && openSession(model, threads)));
  const products = new SparseProducts(
    stages.flatMap((stage) => stage.products),
    threads,
  );
  const own = Object.fromEntries(between.map(([name, length]) => [name, new Float32Array(length)]));
  return {
    room: products.room,
    async run(inputs, outputs) {
      const arrays = { ...own, ...inputs, ...outputs };
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
