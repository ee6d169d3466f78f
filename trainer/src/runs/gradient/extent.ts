/** Steps of learning that are enough for a small net to settle. */
const ENOUGH_STEPS = 2000;
const [SMALLEST_BATCH, LARGEST_BATCH] = [8, 128];
const [FEWEST_EPOCHS, MOST_EPOCHS] = [5, 100];
/** Batches that an epoch has at least, where the smallest batch allows it. */
const BATCHES = 40;

/**
 * Samples per step and passes over so many samples, where nobody has chosen them. A batch is the largest power of two
 * that leaves an epoch 40 of them, 8 … 128; epochs come to 2,000 steps, 5 … 100 of them.
 */
export function extentFor(
  samples: number,
  { batch = batchFor(samples), epochs }: { readonly batch?: number | undefined; readonly epochs?: number | undefined },
): { readonly batch: number; readonly epochs: number } {
  const batches = Math.max(1, Math.floor(samples / batch));
  const enough = Math.ceil(ENOUGH_STEPS / batches);
  return { batch, epochs: epochs ?? Math.max(FEWEST_EPOCHS, Math.min(MOST_EPOCHS, enough)) };
}

function batchFor(samples: number): number {
  const power = 2 ** Math.floor(Math.log2(samples / BATCHES));
  return Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, power));
}
