import {
  dequantize,
  type Model,
  parseModel,
  quantize,
  RandomGenerator,
  readAnyModel,
  writeModel,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { interpreter } from '../../backend/interpreter.ts';
import { clouds } from '../../data/clouds.test-data.ts';
import { online } from '../../methods/online.ts';
import { withTestPart } from '../../samples/test-part.ts';
import type { Run } from '../run.ts';
import { StreamRun } from './stream.ts';

/** Random neurons over the plane, and a read-out of them that learns by PES. */
function teachable(learning: object = { read: { rule: 'pes', learningRate: 0.1 } }): Model {
  const random = new RandomGenerator(1, 'teachable');
  const rows = (outputs: number, inputs: number, reach: number) =>
    Array.from({ length: outputs }, () => Array.from({ length: inputs }, () => reach * random.nextNormal()));
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [3] },
      spread: { type: 'Affine', weight: rows(60, 3, 1.5), bias: rows(1, 60, 1)[0] },
      cells: { type: 'LIF', tau: 0.01, v_threshold: 1 },
      read: { type: 'Linear', weight: rows(3, 60, 0) },
      answer: { type: 'LI', tau: 0.02 },
      out: { type: 'Output', shape: [3] },
    },
    edges: [
      ['in', 'spread'],
      ['spread', 'cells'],
      ['cells', 'read'],
      ['read', 'answer'],
      ['answer', 'out'],
    ],
    learning,
    encoder: { in: { type: 'direct', range: [-2, 4] } },
    decoder: { out: { type: 'membrane-softmax' } },
    sample: { steps: 40, between: 'reset' },
  });
}

const data = withTestPart(clouds(150));
const open = (model?: Model, device = 'clocked') =>
  online.start({ data, seed: 3, backend: interpreter, ...(model && { model }) }, { epochs: 3, batch: 16, device });

const weightsOf = ({ graph }: Model) => (graph.nodes.get('read')!.parameters.weight as { data: Float32Array }).data;

async function steps(run: Run, count: number): Promise<void> {
  for (let k = 0; k < count && !run.finished; k++) await run.step();
}

describe('a run by stream', () => {
  it('teaches the rules of a model on the engine of devices, and ends with what they learned', async () => {
    const run = await open(teachable());
    await steps(run, 1000);
    expect(run.history).toHaveLength(3);
    expect(run.history[0]!.training.accuracy).toBeLessThan(run.history[2]!.training.accuracy);
    expect(run.history[2]!.validation.accuracy).toBeGreaterThan(0.9);
    const { graph, labels } = run.model(run.save());
    const { data: weights } = graph.nodes.get('read')!.parameters.weight as { data: Float32Array };
    expect(weights.some((weight) => weight !== 0)).toBe(true);
    expect(labels).toEqual(['a', 'b', 'c']);
    await run.close();
  });

  it('that was stopped within an epoch goes on bit for bit', async () => {
    const [whole, first, second] = await Promise.all([open(teachable()), open(teachable()), open(teachable())]);
    await steps(first!, 9);
    await second!.restore(first!.save(), 'a checkpoint');
    await steps(whole!, 14);
    await steps(second!, 5);
    expect(second!.save()).toEqual(whole!.save());
    for (const run of [whole, first, second]) await run!.close();
  });

  it('learns the same on whatever an address names', async () => {
    const runs = await Promise.all(['clocked', 'reference'].map((device) => open(teachable(), device)));
    for (const run of runs) await steps(run, 12);
    const [here, readable] = runs.map((run) => weightsOf(run.model(run.save())));
    expect(here!.some((weight) => weight !== 0)).toBe(true);
    for (const [k, weight] of here!.entries()) expect(Math.abs(readable![k]! - weight)).toBeLessThan(1e-4);
    for (const run of runs) await run.close();
    await expect(open(teachable(), 'nowhere')).rejects.toThrow(/^device "nowhere": is not an engine; expected one of /);
    await expect(open(teachable(), 'none:0')).rejects.toThrow(
      /^device "none:0": needs the driver "none", which is not installed; expected /,
    );
  });

  it('ends with an integer model where it began with one, the nearest to what was learned', async () => {
    const whole = quantize(teachable(), { bits: 8, membraneBits: 32 });
    const runs = await Promise.all(['clocked', 'integer'].map((device) => open(whole, device)));
    for (const run of runs) await steps(run, 1000);
    const [fast, readable] = runs.map((run) => run.model(run.save()));
    expect(readAnyModel(writeModel(fast!))).toEqual(readAnyModel(writeModel(readable!)));
    const integers = weightsOf(fast!);
    expect(integers).toBeInstanceOf(Int8Array);
    expect(integers.some((q) => q !== 0)).toBe(true);
    // The float form learns the same task: nearly the same weights, in units that differ by row.
    const float = await open(dequantize(whole));
    await steps(float, 1000);
    const [real, learned] = [weightsOf(dequantize(fast!)), weightsOf(float.model(float.save()))];
    const product = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, value, k) => sum + value * b[k]!, 0);
    expect(product(real, learned) / Math.sqrt(product(real, real) * product(learned, learned))).toBeGreaterThan(0.8);
    expect(runs[0]!.history.at(-1)!.validation.accuracy).toBeGreaterThan(0.9);
    for (const run of [...runs, float]) await run.close();
  });

  it('needs a model, and rules in it', async () => {
    await expect(open()).rejects.toThrow('spikewire train: --model is missing; expected a model with learning rules');
    await expect(open(teachable({}))).rejects.toThrow(
      /^the model to train: has no learning rules; expected connections/,
    );
  });
});

describe('numbers to learn', () => {
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      fc: { type: 'Linear', weight: [[0.5], [0]] },
      sum: { type: 'LI', tau: 0.01 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'sum'],
      ['sum', 'out'],
    ],
    learning: { fc: { rule: 'pes', learningRate: 0.1 } },
    encoder: { in: { type: 'direct', range: [-1, 1] } },
    decoder: { out: { type: 'linear' } },
    sample: { steps: 5, between: 'reset' },
  });

  it('are read before the first lesson and then never again, whatever they are kept in', async () => {
    const reads = new Map<object, number>();
    const counted = (...numbers: number[]) => {
      const list: ArrayLike<number> = new Proxy(numbers, {
        get(kept, key) {
          if (key === '0') reads.set(list, (reads.get(list) ?? 0) + 1);
          return Reflect.get(kept, key);
        },
      });
      return list;
    };
    const samples = Array.from({ length: 40 }, (_, k) => [Math.sin(k)]);
    const targets = samples.map(([x], k) => counted(x! / 2, k));
    const data = { name: 'numbers', classes: [], samples, labels: new Int32Array(40), targets };
    const shown = new Map<number, Float64Array>();
    const lessons = {
      async show(_: unknown, { target }: { readonly target?: Float64Array }) {
        shown.set(target![1]!, target!);
        return 0;
      },
      state: {},
      answering: (learned: Model) => learned,
    };
    const run = await StreamRun.open({ model, data, seed: 1, epochs: 3, batch: 8, lessons, warn: () => {} });
    reads.clear();
    await steps(run, 1000);
    const learned = run.samples.learned.targets!;
    expect(run.history).toHaveLength(3);
    expect(shown.size).toBe(learned.length);
    expect(learned.map((target) => reads.get(target) ?? 0)).toEqual(learned.map(() => 0));
    for (const target of learned) expect(shown.get(target[1]!)).toEqual(Float64Array.from(target));
    await run.close();
  });
});
