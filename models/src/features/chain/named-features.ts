import type { FeatureStage } from '../../model/model.ts';
import type { ReadingShape } from './candidates.ts';
import { featureKindOf } from './features.ts';

/** Numbers of a reading's window where readings are single samples. */
const WINDOW = 16;
const BANDS = 16;

/**
 * Features by their names, side by side behind a window of the block, with their usual parameters. Throws `parameter`
 * for a name that is none.
 *
 * @param where for messages
 */
export function namedFeatures(where: string, names: readonly string[], { block, rate }: ReadingShape): FeatureStage[] {
  const sampleRate = rate === undefined ? {} : { sampleRate: rate };
  const measures = names.map((type) => {
    const { parameters } = featureKindOf(type, where);
    const own = 'sampleRate' in parameters ? sampleRate : {};
    return { type, parameters: 'bands' in parameters ? { ...own, bands: BANDS } : own };
  });
  const length = block > 1 ? 2 ** Math.floor(Math.log2(block)) : WINDOW;
  const window = { type: 'window', parameters: { length, hop: block > 1 ? block : length >> 1 } };
  const first = block > 1 ? [{ type: 'block', parameters: { length: block } }] : [];
  return [...first, window, measures];
}
