import { SpikewireError } from '@spikewire/models';

/** The seed behind the colon of a data set that is drawn; throws `usage` where it is none. */
export function seedOf(source: string, argument: string): number {
  const seed = Number(argument);
  if (argument !== '' && Number.isSafeInteger(seed) && seed >= 0) return seed;
  const where = `--data ${source}:${argument}`;
  throw new SpikewireError('usage', where, 'is not a seed', `a whole number, such as ${source}:1`);
}
