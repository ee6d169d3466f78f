import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

/** A drum: it turns for two readings of three in every second 240 readings, runs fast for a while, and rests. */
function drum(seed: number) {
  const random = new RandomGenerator(seed, 'drum');
  let [k, turn] = [0, 0];
  return (): [number] => {
    turn = (turn + 0.25 + 0.06 * random.nextUniform()) % 1;
    const phase = Math.floor(k++ / 240) % 4;
    const level = phase === 3 ? 9 : phase % 2 === 1 && turn < 0.67 ? 2.5 : 0.4;
    return [level + Math.abs(0.1 * random.nextNormal())];
  };
}

const many = <T>(count: number, next: (k: number) => T) => Array.from({ length: count }, (_, k) => next(k));

describe('spread monitor', () => {
  it.each([1, 2, 3, 4])('takes steps that come again and again for how a channel varies (seed %i)', (seed) => {
    const { read } = reader('spread', ['vibration'], many(3000, drum(seed)), { warmUp: 3000 });
    const next = drum(seed + 100);
    expect(many(12_000, () => read(next()).anomaly)).not.toContain(true);
  });

  it('finds three times the noise in each band, and calls it normal in all of them at once', () => {
    const random = new RandomGenerator(9, 'noise');
    const noise = (times: number): [number] => [times * random.nextNormal()];
    const { read, watch } = reader(
      'spread',
      ['level'],
      many(4000, () => noise(1)),
    );
    expect(many(300, () => read(noise(3)).anomaly)).toContain(true);
    const changes = watch.acceptLast();
    for (const band of ['from reading to reading', 'over 8 readings', 'over 64 readings'])
      expect(changes.join()).toContain(band);
    many(1000, () => read(noise(1)));
    expect(many(300, () => read(noise(3)).anomaly)).not.toContain(true);
  });
});
