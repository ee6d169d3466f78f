import { Watch } from './watch.ts';

/** A watch with a kind's defaults that has read the `past`, and how it judges a further reading. */
export function reader(
  type: string,
  channels: readonly string[],
  past: readonly (readonly number[])[],
  parameters: Readonly<Record<string, number>> = {},
) {
  const watch = new Watch({ type, parameters }, { channels, outputs: 1 });
  const read = (values: readonly number[], learning = true) => {
    const sample = Float64Array.from(values);
    const nothing = { normalised: undefined, expected: undefined, error: undefined };
    return watch.read({ time: Number.NaN, interval: Number.NaN, values: sample, sample, ...nothing }, learning)!;
  };
  const verdicts = past.map((values) => read(values));
  return { watch, read, verdicts };
}
