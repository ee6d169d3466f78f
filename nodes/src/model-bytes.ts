import { readFile } from 'node:fs/promises';
import { nextReadingModel, quantize, SpikewireError, writeModel } from 'spikewire';
import type { ModelSource } from './settings.ts';

/** As in the demo: what the range of the warm-up does not cover the decoders must, so their weights may grow this many times. */
const HEADROOM = 32;

/** The bytes of a model: read, or made; the same source always makes the same model. Rejects with `file` where it cannot be read. */
export async function modelBytes(source: ModelSource): Promise<Uint8Array> {
  if (source.kind === 'next-reading') {
    const { channels, rangeWarmUp } = source;
    return writeModel(quantize(nextReadingModel({ channels, rangeWarmUp }), { bits: 8, headroom: HEADROOM }));
  }
  try {
    return await readFile(source.path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? cause})`;
    throw new SpikewireError('file', `model ${source.path}`, problem, 'the path of a .spike file', cause);
  }
}
