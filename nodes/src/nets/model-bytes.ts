import { NEXT_READING_HEADROOM, nextReadingModel, quantize, SpikewireError, writeModel } from 'spikewire';
import { nodeFileSystem } from 'spikewire/store';
import type { ModelSource } from './settings.ts';

/** Larger files are not read. */
export const MOST_MODEL_BYTES = 2 ** 28;

/**
 * The bytes of a model: read, or made; the same source always makes the same model. Rejects with `file` where it cannot
 * be read.
 */
export async function modelBytes(source: ModelSource): Promise<Uint8Array> {
  if (source.kind === 'next-reading') {
    const { channels, rangeWarmUp } = source;
    const model = nextReadingModel({ channels, rangeWarmUp });
    return writeModel(quantize(model, { bits: 8, headroom: NEXT_READING_HEADROOM }));
  }
  if (source.kind === 'made') return source.make();
  try {
    return await nodeFileSystem.read(source.path, MOST_MODEL_BYTES);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? cause})`;
    throw new SpikewireError('file', `model ${source.path}`, problem, 'the path of a .spike file', cause);
  }
}
