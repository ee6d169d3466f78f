import type { LabelledSamples } from '@spikewire/engine/data';

/** Samples from one to before another, as `slice` takes them. */
export function partOf<Part extends LabelledSamples>(data: Part, from: number, to?: number): Part {
  const { samples, labels, targets } = data;
  return {
    ...data,
    samples: samples.slice(from, to),
    labels: labels.slice(from, to),
    ...(targets && { targets: targets.slice(from, to) }),
  };
}
