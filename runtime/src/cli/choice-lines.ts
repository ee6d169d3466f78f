import type { FeatureChoice } from '@spikewire/models';

/** A search for features in a line for each that was tried, an arrow before the one that was taken. */
export function choiceLines({ chosen, scores }: FeatureChoice): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return scores.map(({ name, numbers, accuracy, error }) => {
    const mark = name === chosen.name ? '→' : ' ';
    return `${mark} ${percent(accuracy)} ± ${percent(error)} by ${name} (${numbers} numbers)`;
  });
}
