import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../graph/graph.ts';
import { defaultSemantics } from '../graph/semantics.ts';
import { RandomGenerator } from '../random/generator.ts';
import { resolveGraph } from '../resolve/resolve.ts';
import { elementCount } from '../tensor.ts';
import { type Ensemble, type EnsembleOptions, ensemble } from './ensemble.ts';
import { drawInBall, drawOnSphere } from './sphere.ts';

function make(options: Partial<EnsembleOptions> & { seed?: number } = {}): Ensemble {
  const { seed = 1, ...rest } = options;
  const random = new RandomGenerator(seed, 'ensemble');
  return ensemble({ name: 'a', neurons: 50, dimensions: 1, dt: 0.001, random, ...rest });
}

type Stage = (arriving: Float64Array) => Float64Array;

/** Runs the graph's pieces with a constant x; what the output emits in each step. */
function run(pieces: Ensemble, x: readonly number[], dt: number, steps: number): Float64Array[] {
  const nodes = new Map<string, GraphNode>([
    ['in', { type: 'Input', parameters: { shape: { shape: [1], data: Float64Array.of(x.length) } } }],
    ...pieces.nodes,
    ['out', { type: 'Output', parameters: {} }],
  ]);
  const edges = [
    { source: 'in', target: pieces.input, delay: 0 },
    ...pieces.edges,
    { source: pieces.output, target: 'out', delay: 0 },
  ];
  const resolved = resolveGraph({ nodes, edges }, { ...defaultSemantics, dt });
  expect(resolved.warnings).toEqual([]);
  // A chain, so that each node takes what the one before it gave.
  const stages = resolved.nodes.map(({ kind, node, inputShape, shape, semantics }): Stage => {
    if (kind.role === 'neuron') {
      const dynamics = kind.prepare(node, elementCount(shape), semantics);
      return (arriving) => arriving.map((_, i) => dynamics.step(i, [arriving], dynamics.initial));
    }
    if (kind.role !== 'connection') return (arriving) => arriving;
    const { inputs, outputs, bias, weights, forEachSynapse } = kind.connect(node, inputShape);
    return (arriving) => {
      const sum = bias === undefined ? new Float64Array(outputs) : bias.slice();
      for (let i = 0; i < inputs; i++) {
        if (arriving[i] === 0) continue;
        forEachSynapse(i, (o, w) => {
          sum[o]! += weights![w]! * arriving[i]!;
        });
      }
      return sum;
    };
  });
  return Array.from({ length: steps }, () => {
    let values: Float64Array = Float64Array.from(x);
    for (const stage of stages) values = stage(values);
    return values;
  });
}

/** The decoded value for the analytic rates. */
function decoded({ decoders, rates }: Ensemble, x: readonly number[]): number {
  return rates(x).reduce((sum, rate, i) => sum + rate * decoders[i]!, 0);
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** The exponent b of y ∝ x^b by least squares in logarithms. */
function exponent(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const lx = xs.map(Math.log);
  const ly = ys.map(Math.log);
  const covariance = mean(lx.map((x, i) => (x - mean(lx)) * (ly[i]! - mean(ly))));
  return covariance / mean(lx.map((x) => (x - mean(lx)) ** 2));
}

const grid = Array.from({ length: 100 }, (_, k) => -0.99 + 0.02 * k);

describe('ensemble', () => {
  it('is a chain of graph nodes that decodes x when it runs, at steps of 1 ms and of 0.1 ms', () => {
    for (const [dt, steps] of [
      [0.001, 1500],
      [0.0001, 6000],
    ] as const) {
      const pieces = make({ neurons: 100, dt });
      const errors = [-0.9, -0.4, 0, 0.5, 0.9].map((x) => {
        const trace = run(pieces, [x], dt, steps).slice(steps / 5);
        return trace.reduce((sum, [value]) => sum + value!, 0) / trace.length - x;
      });
      expect(rootMeanSquare(errors)).toBeLessThan(0.015);
    }
  });

  it('decodes functions of several dimensions, within a radius', () => {
    const product = (x: ArrayLike<number>) => [x[0]! * x[1]!, x[0]! + x[1]!];
    const pieces = make({ neurons: 400, dimensions: 2, radius: 2, decode: product });
    for (const x of [
      [1, 1],
      [-1.2, 0.7],
      [0.3, -1.5],
    ]) {
      const trace = run(pieces, x, 0.001, 800).slice(200);
      const [expectedProduct, expectedSum] = product(x) as [number, number];
      for (const [output, expected] of [expectedProduct, expectedSum].entries()) {
        const mean = trace.reduce((sum, values) => sum + values[output]!, 0) / trace.length;
        expect(Math.abs(mean - expected)).toBeLessThan(0.2);
      }
    }
  });

  it('has the same numbers for the same seed only', () => {
    expect(make({ seed: 3 }).decoders).toEqual(make({ seed: 3 }).decoders);
    expect(make({ seed: 3 }).decoders).not.toEqual(make({ seed: 4 }).decoders);
  });

  it('tunes neurons to their intercepts and maximal rates', () => {
    const pieces = make({ dt: 1e-6, maxRates: [100, 120], intercepts: [-0.5, 0.5], tauRef: 0.001 });
    for (let i = 0; i < 50; i++) {
      const at = (x: number) => pieces.rates([x * pieces.encoders[i]!])[i]!;
      expect(at(1)).toBeGreaterThan(99.9);
      expect(at(1)).toBeLessThan(120);
      expect(at(-0.5)).toBe(0);
      expect(at(0.51)).toBeGreaterThan(0);
    }
  });

  it('has a static error that falls as 1/N', () => {
    const sizes = [25, 50, 100, 200];
    const errors = sizes.map((neurons) => {
      const residues = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((seed) => {
        const pieces = make({ neurons, seed, dt: 1e-4, regularisation: 0.005 });
        return grid.map((x) => decoded(pieces, [x]) - x);
      });
      return rootMeanSquare(residues);
    });
    expect(exponent(sizes, errors)).toBeGreaterThan(-1.25);
    expect(exponent(sizes, errors)).toBeLessThan(-0.75);
  });

  it('passes on noise of the rates as 1/√N', () => {
    const sizes = [25, 50, 100, 200];
    const random = new RandomGenerator(1, 'noise');
    const errors = sizes.map((neurons) => {
      const residues = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((seed) => {
        const { decoders } = make({ neurons, seed });
        return grid.map(() => decoders.reduce((sum, decoder) => sum + decoder * 40 * random.nextNormal(), 0));
      });
      return rootMeanSquare(residues);
    });
    expect(exponent(sizes, errors)).toBeGreaterThan(-0.65);
    expect(exponent(sizes, errors)).toBeLessThan(-0.4);
  });

  it('names an option that is out of its range', () => {
    expect(() => make({ neurons: 0 })).toThrow('ensemble.neurons: is 0; expected a whole number, at least 1');
    expect(() => make({ dimensions: 1.5 })).toThrow('ensemble.dimensions: is 1.5');
    expect(() => make({ tau: -0.02 })).toThrow('ensemble.tau: is -0.02; expected a number above 0');
    expect(() => make({ synapse: Number.NaN })).toThrow('ensemble.synapse: is NaN');
    expect(() => make({ maxRates: [200, 600] })).toThrow('below 500 Hz');
    expect(() => make({ intercepts: [1, 2] })).toThrow('expected a number below 1');
  });
});

describe('points of a sphere and a ball', () => {
  const count = 20_000;

  it.each([1, 2, 3, 7])('in %d dimensions: of length 1, without a preferred direction', (dimensions) => {
    const points = drawOnSphere(count, dimensions, new RandomGenerator(1, 'sphere'));
    const mean = new Float64Array(dimensions);
    const squares = new Float64Array(dimensions);
    for (let point = 0; point < count; point++) {
      const row = points.subarray(point * dimensions, (point + 1) * dimensions);
      expect(Math.hypot(...row)).toBeCloseTo(1, 12);
      for (let k = 0; k < dimensions; k++) {
        mean[k]! += row[k]! / count;
        squares[k]! += row[k]! ** 2 / count;
      }
    }
    for (let k = 0; k < dimensions; k++) {
      expect(Math.abs(mean[k]!)).toBeLessThan(5 / Math.sqrt(count * dimensions));
      // E x² = 1/d and E x⁴ = 3/(d(d + 2)).
      const variance = 3 / (dimensions * (dimensions + 2)) - 1 / dimensions ** 2;
      expect(Math.abs(squares[k]! - 1 / dimensions)).toBeLessThan(5 * Math.sqrt(variance / count) + 1e-9);
    }
  });

  it.each([1, 2, 5])('in %d dimensions: half of the ball holds half of the points', (dimensions) => {
    const points = drawInBall(count, dimensions, 3, new RandomGenerator(1, 'ball'));
    let inside = 0;
    for (let point = 0; point < count; point++) {
      const length = Math.hypot(...points.subarray(point * dimensions, (point + 1) * dimensions));
      expect(length).toBeLessThanOrEqual(3);
      if (length < 3 * 0.5 ** (1 / dimensions)) inside++;
    }
    expect(Math.abs(inside / count - 0.5)).toBeLessThan(2.5 / Math.sqrt(count));
  });
});
