import { dequantize, numbersOf, quantize, RandomGenerator, readParameters, type Tensor } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { interpret } from '../graph/interpret.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { stbp } from '../methods/stbp.ts';
import { netFor, type TrainNetParameters } from '../runs/gradient/train-net.ts';
import type { Run } from '../runs/run.ts';
import { withTestPart } from '../samples/test-part.ts';
import { planOf, trainedModel } from '../training/plan.ts';
import { ConstraintArrays, constrained } from './constrained.ts';

const images = {
  ...{ name: 'images', classes: ['a', 'b', 'c'], shape: [1, 6, 6] },
  ...{ samples: [new Float32Array(36).fill(1)], labels: Int32Array.of(0) },
};

/** A net with drawn weights, held as at a share of the steps, and what its connections then compute with. */
function heldNet(changes: object, seed: number, progress = 1) {
  const chosen = readParameters('stbp', { steps: 3, ...changes }, stbp.parameters);
  const net = netFor({ data: images, seed }, chosen as unknown as TrainNetParameters);
  const plan = planOf(net.model, net);
  const random = new RandomGenerator(seed, 'weights');
  const learned = Object.fromEntries(
    plan.learned.map(({ name, start }) => [name, start.map((w) => w + 0.2 * random.nextNormal())] as const),
  );
  for (const { name } of plan.trainingNodes) {
    const channels = learned[`${name}.scale`]!.length;
    learned[`${name}.mean`] = new Float32Array(channels).fill(0.1);
    learned[`${name}.variance`] = Float32Array.from({ length: channels }, () => 0.1 + random.nextUniform());
  }
  const held = new ConstraintArrays(plan.constraints);
  const arrays = () => new Map(Object.entries({ ...learned, ...held.arrays }));
  held.set(progress, learned, () => trainedModel(plan, arrays()));
  const values = plan.learned.map(
    ({ name, shape }) => [name, constrained(plan.constraints, name, given(name, shape))] as const,
  );
  const computed = interpret(programOf(Object.fromEntries(values)), arrays());
  return { plan, held, learned, computed, model: trainedModel(plan, arrays()) };
}

const weightsOf = (tensor: Tensor | undefined) => Array.from(tensor!.data, Number);

describe('rounding', () => {
  it.each([
    ['dense layers', { arch: '36-9-3' }],
    ['convolutions and means', { arch: '4C3-P2-5-3' }],
    ['a recurrent net whose branches have shifts of their own', { arch: '36-R9-3', neuron: 'alif' }],
    ['branches of a residual net', { arch: '36-9-+9-3', neuron: 'cubalif' }],
    ['a read-out with one unit for all', { arch: '36-9-3', loss: 'membrane' }],
    ['what is left of half the weights', { arch: '36-9-3', prune: 0.5 }],
  ])('gives %s the weights of the integer form', (_, changes) => {
    for (const bits of ['8', '4']) {
      for (let seed = 1; seed <= 5; seed++) {
        const { model, computed } = heldNet({ ...changes, bits }, seed);
        const whole = dequantize(quantize(model, { bits: bits === '8' ? 8 : 4 }));
        for (const [name, node] of whole.graph.nodes) {
          const found = computed.get(`${name}.weight`);
          if (found === undefined) continue;
          const expected = weightsOf(numbersOf(node, 'weight'));
          const largest = Math.max(...expected.map(Math.abs));
          for (const [k, weight] of expected.entries())
            expect(Math.abs(found[k]! - weight)).toBeLessThan(1e-6 * largest);
        }
      }
    }
  });

  it('has units that fit what batch norm is folded into', () => {
    const { plan, model, computed, learned } = heldNet({ arch: '36-bn-9-tdbn-3', bits: '4' }, 1);
    const whole = dequantize(quantize(model, { bits: 4 }));
    for (const { name, behind, node } of plan.trainingNodes) {
      const { factors } = node.fold!((key) => learned[`${name}.${key}`]!);
      const expected = weightsOf(numbersOf(whole.graph.nodes.get(behind)!, 'weight'));
      const found = computed.get(`${behind}.weight`)!;
      const perRow = expected.length / factors.length;
      for (const [k, weight] of expected.entries()) {
        expect(found[k]! * factors[Math.floor(k / perRow)]!).toBeCloseTo(weight, 5);
      }
    }
  });

  it('leaves biases and thresholds as they are', () => {
    const { computed, learned } = heldNet({ arch: '36-9-3', bits: '4', learn: 'threshold' }, 1);
    const free = Object.keys(learned).filter((name) => !name.endsWith('.weight'));
    expect(free.length).toBeGreaterThan(2);
    for (const name of free) expect(Array.from(computed.get(name)!)).toEqual(Array.from(learned[name]!));
  });
});

describe('pruning', () => {
  it('takes the smallest weights of each connection and no other', () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 1000 }), (prune, seed) => {
        const { learned, computed } = heldNet({ arch: '36-9-3', prune }, seed);
        for (const name of ['layer1.weight', 'layer2.weight']) {
          const [before, after] = [Array.from(learned[name]!), Array.from(computed.get(name)!)];
          const gone = after.filter((weight) => weight === 0).length;
          expect(gone).toBe(Math.floor(prune * before.length));
          const largestGone = Math.max(0, ...before.filter((_, k) => after[k] === 0).map(Math.abs));
          const smallestLeft = Math.min(...before.filter((_, k) => after[k] !== 0).map(Math.abs));
          expect(largestGone).toBeLessThanOrEqual(smallestLeft);
          expect(after.filter((weight, k) => weight !== 0 && weight !== before[k])).toEqual([]);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('takes more with every step of the first third, and gives nothing back', () => {
    const { held, learned, plan } = heldNet({ arch: '36-9-3', prune: 0.8 }, 1, 0);
    const mask = held.arrays['layer1.weight/mask']!;
    const gone = () => mask.reduce((count, m) => count + Number(m === 0), 0);
    expect(gone()).toBe(0);
    let before = mask.slice();
    for (const progress of [0.1, 0.2, 0.3, 1 / 3, 0.5, 1]) {
      learned['layer1.weight']!.reverse();
      held.set(progress, learned, () => plan.model);
      expect(before.every((m, k) => m === 1 || mask[k] === 0)).toBe(true);
      before = mask.slice();
    }
    expect(gone()).toBe(Math.floor(0.8 * mask.length));
    expect([held.pending(0.33), held.pending(0.34)]).toEqual([true, false]);
  });
});

describe('a run with constraints', () => {
  const open = (): Promise<Run> => {
    const given = {
      arch: '3-16-3',
      steps: 4,
      epochs: 6,
      batch: 20,
      learningRate: 0.01,
      bits: '4',
      prune: 0.5,
      patience: 1,
    };
    const parameters = readParameters('stbp', given, stbp.parameters);
    return stbp.start({ data: withTestPart(clouds(90)), backend: interpreter, seed: 2 }, parameters);
  };

  it('goes on bit for bit from what was saved, in the middle of an epoch', async () => {
    const [whole, first, second] = await Promise.all([open(), open(), open()]);
    for (let k = 0; k < 12; k++) await whole.step();
    for (let k = 0; k < 7; k++) await first.step();
    await second.restore(structuredClone(first.save()), 'memory');
    for (let k = 7; k < 12; k++) await second.step();
    expect(second.save()).toEqual(whole.save());
    expect(second.model(second.save())).toEqual(whole.model(whole.save()));
  });

  it('chooses no epoch in which weights are still being taken away, and does not end before', async () => {
    const run = await open();
    while (!run.finished) await run.step();
    expect(run.history.map(({ pending }) => pending ?? false).slice(0, 3)).toEqual([true, false, false]);
    const model = run.model(run.save());
    const { data } = numbersOf(model.graph.nodes.get('layer1')!, 'weight')!;
    expect(model.quantization!.bits).toBe(4);
    expect(weightsOf({ data, shape: [] }).filter((q) => q === 0).length).toBeGreaterThanOrEqual(data.length / 2);
  });
});
