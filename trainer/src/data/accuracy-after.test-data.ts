import type { DataSet } from '@spikewire/engine/data';
import { readParameters } from '@spikewire/models';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { stbp } from '../methods/stbp.ts';

/** What a net that learned a set by surrogate gradients reaches on the samples that choose. */
export async function accuracyAfter(
  data: DataSet,
  choices: Readonly<Record<string, string | number>>,
): Promise<number> {
  const site = { data, backend: onnxRuntime(1), seed: 1 };
  const run = await stbp.start(site, readParameters('stbp', choices, stbp.parameters));
  try {
    while (!run.finished) await run.step();
    return run.history.at(-1)!.validation.accuracy;
  } finally {
    await run.close();
  }
}
