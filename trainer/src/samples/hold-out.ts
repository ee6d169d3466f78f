import type { LabelledSamples } from '@spikewire/engine/data';
import { nthOfEach } from './nth-of-each.ts';

/**
 * Sets aside the n-th, 2n-th, … sample of each class, so that both parts have the classes in equal shares. The same on
 * every machine, without chance.
 */
export function holdOut(
  { samples, labels, targets }: LabelledSamples,
  n: number,
): { rest: LabelledSamples; heldOut: LabelledSamples } {
  const isHeld = nthOfEach(labels).map((nth) => nth % n === n - 1);
  const part = (isWanted: boolean): LabelledSamples => ({
    samples: samples.filter((_, index) => isHeld[index] === isWanted),
    labels: labels.filter((_, index) => isHeld[index] === isWanted),
    ...(targets && { targets: targets.filter((_, index) => isHeld[index] === isWanted) }),
  });
  return { rest: part(false), heldOut: part(true) };
}
