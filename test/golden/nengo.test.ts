import { lifTuning, type NeuronTuning, rectifiedLinearTuning, solveDecoders } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { readGolden } from './data.ts';

/** A case made by a numpy implementation of Nengo's published equations and checked against Nengo itself. */
interface Golden {
  readonly neuron: { readonly type: 'lif' | 'rectified_linear'; readonly tau_rc: number; readonly tau_ref: number };
  readonly n_neurons: number;
  readonly radius: number;
  readonly reg: number;
  readonly encoders: number[][];
  readonly intercepts: number[];
  readonly max_rates: number[];
  readonly eval_points: number[][];
  readonly test_points: number[][];
  readonly expected: {
    readonly gain: number[];
    readonly bias: number[];
    /** [points][neurons] */
    readonly rates: number[][];
    /** [outputs][neurons] */
    readonly decoders: Readonly<Record<string, number[][]>>;
    /** [points][outputs] */
    readonly decoded: Readonly<Record<string, number[][]>>;
    readonly rmse_at_eval_points: Readonly<Record<string, number[]>>;
  };
}

const functions: Readonly<Record<string, (x: readonly number[]) => number[]>> = {
  identity: (x) => [...x],
  square: (x) => x.map((value) => value * value),
  sine: (x) => x.map((value) => Math.sin(Math.PI * value)),
};

function closeTo(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);
}

describe.each(['nef_lif_1d.json', 'nef_relu_1d.json'])('NEF as in Nengo: %s', (file) => {
  const given = readGolden(`nengo/${file}`) as Golden;
  const { neuron } = given;
  const tuning: NeuronTuning =
    neuron.type === 'lif' ? lifTuning({ tau: neuron.tau_rc, tauRef: neuron.tau_ref }) : rectifiedLinearTuning;

  function ratesAt(x: readonly number[]): number[] {
    return given.encoders.map((encoder, i) => {
      const { gain, bias } = tuning.gainAndBias(given.max_rates[i]!, given.intercepts[i]!);
      const projection = encoder.reduce((sum, component, k) => sum + component * x[k]!, 0);
      return tuning.rate((gain * projection) / given.radius + bias);
    });
  }

  function decode(decoders: readonly number[][], rates: readonly number[]): number[] {
    return decoders.map((row) => row.reduce((sum, decoder, i) => sum + decoder * rates[i]!, 0));
  }

  function solve(target: (x: readonly number[]) => number[]): number[][] {
    const points = given.eval_points.length;
    const neurons = given.n_neurons;
    const activities = Float64Array.from(given.eval_points.flatMap((x) => ratesAt(x)));
    const targets = Float64Array.from(given.eval_points.flatMap(target));
    const flat = Array.from(solveDecoders(activities, targets, { points, neurons, regularisation: given.reg }));
    return Array.from({ length: flat.length / neurons }, (_, j) => flat.slice(j * neurons, (j + 1) * neurons));
  }

  it('gains and biases', () => {
    for (const [i, gain] of given.expected.gain.entries()) {
      const actual = tuning.gainAndBias(given.max_rates[i]!, given.intercepts[i]!);
      closeTo(actual.gain / gain, 1, 1e-9);
      closeTo(actual.bias / given.expected.bias[i]!, 1, 1e-9);
    }
  });

  it('rates', () => {
    for (const [k, x] of given.test_points.entries()) {
      for (const [i, rate] of ratesAt(x).entries()) {
        const expected = given.expected.rates[k]![i]!;
        closeTo(rate, expected, 1e-9 * expected);
      }
    }
  });

  it('decoders, decoded values and the error at the evaluation points', () => {
    expect(Object.keys(given.expected.decoders).length).toBeGreaterThanOrEqual(2);
    for (const [name, expected] of Object.entries(given.expected.decoders)) {
      const target = functions[name]!;
      const decoders = solve(target);
      const scale = Math.max(...expected.flat().map(Math.abs));
      expect(decoders.length).toBe(expected.length);
      for (const [j, row] of decoders.entries()) {
        for (const [i, decoder] of row.entries()) closeTo(decoder, expected[j]![i]!, 1e-9 * scale);
      }
      for (const [k, x] of given.test_points.entries()) {
        for (const [j, value] of decode(decoders, ratesAt(x)).entries()) {
          closeTo(value, given.expected.decoded[name]![k]![j]!, 1e-9);
        }
      }
      const squares = given.eval_points.map(
        (x) => decode(decoders, ratesAt(x)).map((value, j) => (value - target(x)[j]!) ** 2)[0]!,
      );
      const rmse = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
      closeTo(rmse, given.expected.rmse_at_eval_points[name]![0]!, 1e-9);
    }
  });
});
