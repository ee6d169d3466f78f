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
    expect(found).toMatchObject({ mean: 2, deviation: 0, inSample: 2, setting: 2 });
    expect(found.beside[0]).toBeCloseTo(25, 9);
  });

  it('halves in the same way for all, with every file as often here as there', () => {
    const seen: number[] = new Array(6).fill(0);
    const splits: string[] = [];
    const figure = (_: number, files: readonly number[]) => {
      if (files.length < 6) splits.push(files.join());
      for (const file of files) seen[file]! += 1;
      return 0;
    };
    heldOut(6, 1, figure);
    const again = [...splits];
    splits.length = 0;
    heldOut(6, 1, figure);
    expect(splits).toEqual(again);
    expect(new Set(seen).size).toBe(1);
  });
});
