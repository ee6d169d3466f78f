import type { DataSet } from '@spikewire/engine/data';
import { numbersOf, RandomGenerator, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { withTestPart } from '../samples/test-part.ts';
import { nef } from './nef.ts';
import { online } from './online.ts';

/** Points of a plane, or a line, and what a function gives there. */
function dataOf(dimensions: number, count: number, of: (x: ArrayLike<number>) => number[]): DataSet {
  const random = new RandomGenerator(3, 'points');
  const samples = Array.from({ length: count }, () =>
    Float64Array.from({ length: dimensions }, () => 2 * random.nextUniform() - 1),
  );
  return withTestPart({ name: 'f', classes: [], samples, labels: new Int32Array(count), targets: samples.map(of) });
}

const start = (data: DataSet, given: Readonly<Record<string, number | string>>, seed = 1) =>
  nef.start({ data, seed, backend: interpreter }, readParameters('nef', given, nef.parameters));

/** The x of least |A·x − y|, by Householder reflections of [A, y], rows of which are overwritten. */
function leastSquares(a: number[][], y: number[]): number[] {
  const columns = a[0]!.length;
  const rows = a.map((row, r) => [...row, y[r]!]);
  for (let c = 0; c < columns; c++) {
    const v = rows.map((row, r) => (r < c ? 0 : row[c]!));
    v[c]! += (v[c]! < 0 ? -1 : 1) * Math.hypot(...v);
    const square = v.reduce((sum, x) => sum + x * x, 0);
    for (let k = c; k <= columns; k++) {
      const factor = (2 * rows.reduce((sum, row, r) => sum + v[r]! * row[k]!, 0)) / square;
      for (const [r, row] of rows.entries()) row[k]! -= factor * v[r]!;
    }
  }
  const x = new Array<number>(columns).fill(0);
  for (let r = columns - 1; r >= 0; r--) {
    const known = x.reduce((sum, value, k) => sum + (k > r ? rows[r]![k]! * value : 0), 0);
    x[r] = (rows[r]![columns]! - known) / rows[r]![r]!;
  }
  return x;
}

it('has the decoders of a direct solve of the regularised problem', async () => {
  const data = dataOf(2, 150, (x) => [x[0]! * x[1]!]);
  const run = await start(data, { neurons: 30 });
  const { graph } = run.model(run.save());
  const numbers = (node: string, key: string) => [...numbersOf(graph.nodes.get(node)!, key)!.data];
  const [weights, biases] = [numbers('ensemble/encode', 'weight'), numbers('ensemble/encode', 'bias')];
  const rates = run.samples.learned.samples.map((x) =>
    biases.map((bias, i) => {
      const current = bias + weights[2 * i]! * x[0]! + weights[2 * i + 1]! * x[1]!;
      return current > 1 ? 1 / (0.002 + Math.max(0.001, 0.02 * Math.log1p(1 / (current - 1)) + 0.0005 / current)) : 0;
    }),
  );
  // Least squares with a penalty are those of more rows: √m·σ·d = 0 for each decoder.
  const penalty = Math.sqrt(rates.length) * 0.1 * Math.max(...rates.flat());
  const rows = [...rates, ...biases.map((_, i) => biases.map((_, k) => (i === k ? penalty : 0)))];
  const wanted = [...run.samples.learned.targets!.map((target) => target[0]!), ...biases.map(() => 0)];
  const decoders = leastSquares(rows, wanted);
  const scale = Math.max(...decoders.map(Math.abs));
  for (const [i, weight] of numbers('ensemble/decode', 'weight').entries()) {
    expect(Math.abs(weight * 0.001 - decoders[i]!) / scale).toBeLessThan(1e-6);
  }
});

it.each(['LIF', 'ReLU'])(
  'of %s answers with the function on the engine, and by PES with another one when it is told',
  async (neuron) => {
    const given = { neurons: 60, neuron, steps: 80, correction: 0.2, synapse: 0.02 };
    const run = await start(
      dataOf(1, 120, (x) => [x[0]! ** 2]),
      given,
    );
    await run.step();
    expect(run.history[0]!.validation.accuracy).toBeGreaterThan(0.98);
    const model = run.model(run.save());
    const other = dataOf(1, 300, (x) => [Math.sin(3 * x[0]!)]);
    const parameters = readParameters('online', { epochs: 3 }, online.parameters);
    const following = await online.start({ data: other, model, seed: 1, backend: interpreter }, parameters);
    try {
      while (!following.finished) await following.step();
    } finally {
      await following.close();
    }
    const { validation } = following.history.at(-1)!;
    expect(validation.accuracy).toBeGreaterThan(0.97);
    expect(validation.loss).toBeLessThan(0.2);
  },
);

it('refuses classes', async () => {
  await expect(start(withTestPart(clouds(60)), {})).rejects.toThrow('names classes; expected numbers');
});
