import { percent } from '@spikewire/exchange/report';
import type { Measure } from '../measures/measure.ts';
import { activationCovering, type LayerActivations } from './analogue/activations.ts';
import type { LayerFigures } from './layer-figures.ts';
import type { SweepPoint } from './sweep.ts';

/** Percentiles that are compared, and numbers of a layer on which they are. */
const [PERCENTILES, NUMBERS] = [[95, 98, 99, 99.5, 99.9, 100], 4096];
/** Share of a layer's neurons, or of its activations, from which something is said of it. */
const [DEAD, CLIPPED] = [0.3, 0.05];

/** Steps after which a converted net answers as the analogue one, whether that is right or not. */
export function stepsAdvice(
  sweep: readonly SweepPoint[],
  { words, enough }: Pick<Measure, 'words' | 'enough'>,
): string {
  const first = sweep[sweep.findLastIndex(({ agreement }) => agreement < enough) + 1];
  if (first !== undefined) return `T = ${first.steps} or more: ${words.agreement(percent(enough))}`;
  const { steps, agreement } = sweep.at(-1)!;
  return `more than T = ${steps}, where ${words.agreement(percent(agreement))}, or another method`;
}

/** The percentile whose clipping and rounding together cost least at so many steps. */
export function percentileAdvice(activations: ReadonlyMap<string, LayerActivations>, steps: number, start = 0): string {
  const errors = PERCENTILES.map((percentile) => {
    const ofLayers = [...activations.values()].map((layer) =>
      relativeError(layer, activationCovering(layer, percentile / 100), steps, start),
    );
    return { percentile, error: ofLayers.reduce((a, b) => a + b, 0) / ofLayers.length };
  });
  const best = errors.reduce((a, b) => (b.error < a.error ? b : a));
  const listed = errors.map(({ percentile, error }) => `${percentile}: ${percent(error)}`).join(', ');
  const cost = `clipping and rounding of one layer come to, by percentile, ${listed}`;
  return `percentile ${best.percentile} at T = ${steps}: ${cost}`;
}

/**
 * The root mean square error of rates with soft reset, min(T, ⌊T·a/λ + start⌋)·λ/T, relative to the activations a
 * above 0, for a layer that gets exact input.
 */
export function relativeError({ positive }: LayerActivations, scale: number, steps: number, start: number): number {
  const every = Math.max(1, Math.floor(positive.length / NUMBERS));
  let [error, size] = [0, 0];
  for (let k = every - 1; k < positive.length; k += every) {
    const activation = positive[k]!;
    const spikes = Math.min(steps, Math.floor((steps * activation) / scale + start));
    error += (activation - (spikes * scale) / steps) ** 2;
    size += activation ** 2;
  }
  return size === 0 ? 0 : Math.sqrt(error / size);
}

/** What is not well with layers. */
export function layersAdvice(layers: readonly LayerFigures[]): string[] {
  return layers.flatMap(({ layer, unused, dead, clipped }) => [
    ...(unused > DEAD
      ? [`${layer}: ${percent(unused)} of its units are 0 in the analogue net too, for the samples that were looked at`]
      : []),
    ...(dead > DEAD ? [`${layer}: ${percent(dead)} of its neurons never spiked: more steps or a lower λ`] : []),
    ...(clipped > CLIPPED ? [`${layer}: ${percent(clipped)} of its activations are clipped: a higher λ`] : []),
  ]);
}
