import type { LabelledSamples } from 'spikewire/data';

/**
 * Sets aside the n-th, 2n-th, … sample of each class, so that both parts have the classes in equal shares. The same on
 * every machine, without chance.
 */
export function holdOut(
  { samples, labels, targets }: LabelledSamples,
  n: number,
): { rest: LabelledSamples; heldOut: LabelledSamples } {
  const seen = new Map<number, number>();
  const isHeld = Array.from(labels, (label) => {
    const nth = (seen.get(label) ?? 0) + 1;
    seen.set(label, nth);
    return nth % n === 0;
  });
  const part = (isWanted: boolean): LabelledSamples => ({
    samples: samples.filter((_, index) => isHeld[index] === isWanted),
    labels: labels.filter((_, index) => isHeld[index] === isWanted),
    ...(targets && { targets: targets.filter((_, index) => isHeld[index] === isWanted) }),
  });
  return { rest: part(false), heldOut: part(true) };
}
