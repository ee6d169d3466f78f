import { describe, expect, it } from 'vitest';
import { heldOut } from './halves.ts';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('held out', () => {
  it('scores on the files that did not choose: nothing is gained by settings that fit one file each', () => {
    // Setting k is right about file k alone: in sample a tenth, on the other half the chosen file is never there.
    const { mean, inSample } = heldOut(10, 10, (setting, files) =>
      sum(files.map((file) => (file === setting ? 1 : 0))),
    );
    expect(inSample).toBe(1);
    expect(mean).toBe(0);
  });

  it('finds a setting that is good everywhere', () => {
    const found = heldOut(10, 3, (setting) => setting, [(setting, files) => 10 * setting + files.length]);
    expect(found).toMatchObject({ mean: 2, deviation: 0, inSample: 2 });
    expect(found.beside[0]).toBeCloseTo(25, 9);
  });

  it('halves in the same way for all, with every file as often here as there', () => {
    const halvings = () => {
      const halves: (readonly number[])[] = [];
      heldOut(6, 1, (_, files) => {
        if (files.length < 6) halves.push(files);
        return 0;
      });
      return halves;
    };
    const halves = halvings();
    expect(halvings()).toEqual(halves);
    // The halves that choose are every second one: 200, of which each file is in about 100 (deviation 7).
    const choosing = halves.filter((_, k) => k % 2 === 0);
    expect(new Set(choosing.map(String)).size).toBeGreaterThan(10);
    for (let file = 0; file < 6; file++) {
      const often = choosing.filter((half) => half.includes(file)).length;
      expect(Math.abs(often - choosing.length / 2)).toBeLessThan(36);
    }
  });
});
