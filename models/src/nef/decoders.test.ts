import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { solvePositiveDefinite } from './cholesky.ts';
import { solveDecoders } from './decoders.ts';

function randomMatrix(rows: number, columns: number, seed: number): Float64Array {
  const random = new RandomGenerator(seed, 'matrix');
  return Float64Array.from({ length: rows * columns }, () => random.nextNormal());
}

describe('solvePositiveDefinite', () => {
  it('gives an X with S·X = B', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 }), fc.integer(), (n, columns, seed) => {
        const m = randomMatrix(n + 5, n, seed);
        const s = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            for (let k = 0; k < n + 5; k++) s[i * n + j]! += m[k * n + i]! * m[k * n + j]!;
          }
          s[i * n + i]! += 0.5;
        }
        const b = randomMatrix(n, columns, seed + 1);
        const x = b.slice();
        expect(solvePositiveDefinite(s.slice(), x, n, columns)).toBe(true);
        for (let i = 0; i < n; i++) {
          for (let column = 0; column < columns; column++) {
            let sum = 0;
            for (let k = 0; k < n; k++) sum += s[i * n + k]! * x[k * columns + column]!;
            expect(sum).toBeCloseTo(b[i * columns + column]!, 8);
          }
        }
      }),
    );
  });

  it('says when S is not positive definite', () => {
    expect(solvePositiveDefinite(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1), 2, 1)).toBe(false);
    expect(solvePositiveDefinite(Float64Array.of(1, 1, 1, 1), Float64Array.of(1, 1), 2, 1)).toBe(false);
    expect(solvePositiveDefinite(Float64Array.of(0), Float64Array.of(1), 1, 1)).toBe(false);
  });
});

describe('solveDecoders', () => {
  const points = 60;
  const neurons = 8;
  const activities = randomMatrix(points, neurons, 1).map((value) => 100 * Math.abs(value));
  const targets = randomMatrix(points, 2, 2);

  it('minimises the squared error and m·σ²·|d|²: the gradient is 0', () => {
    const regularisation = 0.1;
    const decoders = solveDecoders(activities, targets, { points, neurons, regularisation });
    const sigma = regularisation * Math.max(...activities);
    for (let output = 0; output < 2; output++) {
      const row = decoders.subarray(output * neurons, (output + 1) * neurons);
      for (let i = 0; i < neurons; i++) {
        let gradient = points * sigma ** 2 * row[i]!;
        let scale = Math.abs(gradient);
        for (let point = 0; point < points; point++) {
          let decoded = 0;
          for (let k = 0; k < neurons; k++) decoded += row[k]! * activities[point * neurons + k]!;
          const term = activities[point * neurons + i]! * (decoded - targets[point * 2 + output]!);
          gradient += term;
          scale += Math.abs(term);
        }
        expect(Math.abs(gradient)).toBeLessThan(1e-12 * scale);
      }
    }
  });

  it('finds the decoders that made the targets, without regularisation', () => {
    const truth = randomMatrix(1, neurons, 3);
    const made = Float64Array.from({ length: points }, (_, point) =>
      truth.reduce((sum, decoder, i) => sum + decoder * activities[point * neurons + i]!, 0),
    );
    const decoders = solveDecoders(activities, made, { points, neurons, regularisation: 0 });
    for (let i = 0; i < neurons; i++) expect(decoders[i]).toBeCloseTo(truth[i]!, 8);
  });

  it('refuses what has no solution, and sizes that do not fit', () => {
    const site = { points: 2, neurons: 2, regularisation: 0 };
    const twice = Float64Array.of(1, 1, 2, 2);
    expect(() => solveDecoders(twice, Float64Array.of(1, 2), site)).toThrow('decoders: are not determined');
    expect(() => solveDecoders(new Float64Array(4), Float64Array.of(1, 2), { ...site, regularisation: 0.1 })).toThrow(
      'no neuron fires at any point',
    );
    expect(() => solveDecoders(twice, Float64Array.of(1, 2, 3), site)).toThrow('4 activities and 3 targets');
  });
});
