import type { SampleBlock } from './sensor.ts';

/** A sample that has come now. */
export function samplesNow(values: Float64Array): SampleBlock {
  const now = performance.now();
  return { origin: Date.now() - now, times: Float64Array.of(now / 1000), values };
}
