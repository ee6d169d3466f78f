import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { missOf } from '@spikewire/engine/executor';
import { type Model, parseModel, RandomGenerator, readModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { quantizeForLoihi } from '../loihi/quantize.ts';
import { boards } from './index.ts';

const ZOO = fileURLToPath(new URL('../../../models/zoo', import.meta.url));
const zoo = readdirSync(ZOO).filter((file) => file.endsWith('.spike'));

/** Every refusal says where, what, by how much and who published it; and numbers agree with the verdict. */
async function expectPlain(model: Model): Promise<void> {
  for (const board of boards) {
    for (const limit of await board.limits(model)) {
      const { node, what, needs, has, fits, source } = limit;
      const place = `${board.address}: ${what}`;
      expect(node === undefined || model.graph.nodes.has(node) || node.includes('/'), place).toBe(true);
      for (const text of [what, needs, has, source.title]) expect(text, place).not.toBe('');
      expect(missOf(limit) === '', place).toBe(fits);
      const [needed, most] = [Number(needs), Number(has)];
      if (needed > most && !Number.isNaN(most)) expect(fits, place).toBe(false);
    }
  }
}

const KINDS = [
  { type: 'IF', r: 100 },
  { type: 'LIF', tau: 0.01, r: 4 },
  { type: 'LIF', tau: 0.03, v_leak: 0.2 },
  { type: 'LIF', tau: 0.001 },
  { type: 'CubaLIF', tau_syn: 0.005, tau_mem: 0.02, r: 4, w_in: 3 },
  { type: 'CubaLIF', tau_syn: 0.02, tau_mem: 0.01, r: 2 },
  { type: 'ALIF', tau: 0.01, theta_plus: 0.1, tau_theta: 0.1 },
];

/** Two layers of random kinds, resets, rests, delays and sizes. */
function randomModel(seed: number): Model {
  const random = new RandomGenerator(seed, 'models for boards');
  const below = (count: number) => Math.floor(random.nextUniform() * count);
  const size = () => 1 + below(10) * (below(4) === 0 ? 30 : 1);
  const sizes = [size(), size(), size()] as const;
  const matrix = (outputs: number, inputs: number) =>
    Array.from({ length: outputs }, () => Array.from({ length: inputs }, () => 2 * random.nextUniform() - 1));
  const neurons = () => ({ ...KINDS[below(KINDS.length)]!, v_threshold: 1, tau_ref: 1e-3 * below(67) });
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [sizes[0]] },
      a: { type: 'Linear', weight: matrix(sizes[1], sizes[0]) },
      first: neurons(),
      b: { type: 'Affine', weight: matrix(sizes[2], sizes[1]), bias: 0.01 },
      last: neurons(),
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'a', { delay: below(5) === 0 ? below(70) : 0 }],
      ['a', 'first'],
      ['first', 'b', { delay: below(5) === 0 ? below(70) : 0 }],
      ['b', 'last'],
      ['last', 'out'],
    ],
    semantics: { dt: 1e-3, reset: below(4) === 0 ? 'subtract' : 'value' },
  });
}

describe('published limits of boards', () => {
  it.each(zoo)('say plainly what of %s they hold', async (file) => {
    await expectPlain(readModel(readFileSync(`${ZOO}/${file}`)));
  });

  it('say plainly what of random models they hold; what Loihi holds has its integers, and nothing else', async () => {
    const verdicts = { fits: 0, misses: 0 };
    for (let seed = 0; seed < 200; seed++) {
      const model = randomModel(seed);
      await expectPlain(model);
      const fits = (await boards[0]!.limits(model)).every((limit) => limit.fits);
      verdicts[fits ? 'fits' : 'misses'] += 1;
      const quantize = () => quantizeForLoihi(model);
      if (fits) expect(quantize, `seed ${seed}`).not.toThrow();
      else expect(quantize, `seed ${seed}`).toThrow(/ for Loihi: .*; expected /);
    }
    expect(Math.min(verdicts.fits, verdicts.misses)).toBeGreaterThan(30);
  });

  it.each([
    [undefined, []],
    [{ type: 'poisson', maxRate: 100 }, []],
    [{ type: 'delta', polarity: 'signed' }, ['in']],
    [{ type: 'direct' }, ['in']],
  ])('of spikes are missed by Inputs that send anything else: %j', async (encoder, nodes) => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        cell: { type: 'LIF', tau: 0.01, v_threshold: 1 },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'cell'],
        ['cell', 'out'],
      ],
      ...(encoder && { encoder: { in: encoder }, sample: { steps: 10, between: 'reset' } }),
      semantics: { dt: 1e-3, reset: 'value' },
    });
    const missed = (await boards[0]!.limits(model)).filter(({ fits }) => !fits);
    expect(missed.map(({ node }) => node)).toEqual(nodes);
  });

  it.each([
    [1e-4, ['seconds of a step: 0.0001, has 0.001 or more, 10 times']],
    [1e-3, []],
    [2e-3, []],
  ])('of TrueNorth ask for steps as long as its tick: %f s', async (dt, expected) => {
    const model = parseModel({
      nodes: { in: { type: 'Input', shape: [1] }, cell: { type: 'IF', v_threshold: 1 }, out: { type: 'Output' } },
      edges: [
        ['in', 'cell'],
        ['cell', 'out'],
      ],
      semantics: { dt },
    });
    const trueNorth = boards.find(({ address }) => address === 'truenorth')!;
    const missed = (await trueNorth.limits(model)).filter(({ fits }) => !fits);
    expect(missed.map((limit) => `${limit.what}: ${limit.needs}, has ${limit.has}, ${missOf(limit)}`)).toEqual(
      expected,
    );
  });

  it('are counted neuron by neuron', async () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [300] },
        w: { type: 'Linear', weight: [Array.from({ length: 300 }, (_, k) => 1 + (k % 5))] },
        cell: { type: 'LIF', tau: 0.01, v_threshold: 1 },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'w', { delay: 16 }],
        ['w', 'cell'],
        ['cell', 'out'],
      ],
      semantics: { dt: 1e-3, reset: 'subtract' },
    });
    const trueNorth = boards.find(({ address }) => address === 'truenorth')!;
    const missed = (await trueNorth.limits(model)).filter(({ fits }) => !fits);
    expect(missed.map(({ node, what, needs, has }) => [node, what, needs, has])).toEqual([
      ['cell', 'fan-in of a neuron', '300', '256'],
      ['cell', 'different weights into a neuron', '5', '4'],
      ['cell', 'steps of delay', '16', '15'],
    ]);
    expect(missed.map(missOf)).toEqual(['1.17 times', '1.25 times', '1.07 times']);
  });
});
