import { expect, it } from 'vitest';
import { contrastFilter, FILTER } from './contrast-filter.ts';

it('is a Gaussian of 1 pixel less one of 2, as Kheradpisheh et al. 2018 have it', () => {
  const at = (y: number, x: number) => contrastFilter[FILTER * (y + 3) + x + 3]!;
  // By hand from e^(−r²/2σ²), each Gaussian divided by its sum over 7 × 7 pixels.
  const row = [0.112539, 0.05537, -0.006775, -0.013393];
  const diagonal = [0.112539, 0.02221, -0.014264, -0.004903];
  for (const sign of [-1, 1]) {
    for (let k = 0; k <= 3; k++) {
      expect(at(0, sign * k)).toBeCloseTo(row[k]!, 6);
      expect(at(sign * k, 0)).toBeCloseTo(row[k]!, 6);
      expect(at(sign * k, k)).toBeCloseTo(diagonal[k]!, 6);
    }
  }
  expect(contrastFilter.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
});
