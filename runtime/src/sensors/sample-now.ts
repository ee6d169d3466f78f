import type { SampleBlock } from './sensor.ts';

/** Samples that have come now, at one time. */
export function samplesNow(values: Float64Array, count = 1): SampleBlock {
  const now = performance.now();
  return { origin: Date.now() - now, times: new Float64Array(count).fill(now / 1000), values };
}
