import { EventBuffer, engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import type { Model } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { interpreter } from '../../backend/interpreter.ts';
import { classes } from '../../measures/classes.ts';
import { activationCovering, activationsOf } from '../analogue/activations.ts';
import { analogueNet } from '../analogue/analogue-net.ts';
import { largestPossible } from '../analogue/largest-possible.ts';
import type { ConversionMethod } from '../method.ts';
import { images, samplesFor, twoLayers } from '../nets.test-data.ts';
import { spikingModel } from '../spiking-model.ts';
import { cao } from './cao.ts';
import { deng } from './deng.ts';
import { diehl } from './diehl.ts';
import { rmp } from './rmp.ts';
import { rueckauer } from './rueckauer.ts';
import { spikeNorm } from './spike-norm.ts';

const STEPS = 12;
const samples = samplesFor(twoLayers, 40);

async function balanceBy(method: ConversionMethod, model: Model, parameters = {}) {
  const [net, backend] = [analogueNet(model), interpreter];
  const taken = samplesFor(model, 40);
  const activations = await activationsOf(net, { samples: taken }, { backend });
  const site = { net, backend, activations, measure: classes, samples: taken, steps: STEPS, inputs: new Map() };
  return { balance: await method.balance(site, parameters), activations };
}

const numbers = (model: Model, name: string, key: string) =>
  Array.from((model.graph.nodes.get(name)!.parameters[key] as { data: ArrayLike<number> }).data);

/** W·x + b in plain arithmetic. */
function affine(name: string, x: readonly number[]): number[] {
  const [weight, bias] = [numbers(twoLayers, name, 'weight'), numbers(twoLayers, name, 'bias')];
  return bias.map((b, i) => x.reduce((sum, value, j) => sum + weight[i * x.length + j]! * value, b));
}

const unitsOf = (sample: ArrayLike<number>) => Array.from(sample, (value) => (value + 3) / 8);

/** What arrives at the second layer in each step while the first one spikes with threshold λ, by hand. */
function arrivals(sample: ArrayLike<number>, scale: number, isSoft: boolean): number[][] {
  const current = affine('a', unitsOf(sample));
  const v = current.map(() => 0);
  return Array.from({ length: STEPS }, () => {
    const spikes = current.map((x, i) => {
      v[i]! += x / scale;
      if (v[i]! < 1) return 0;
      v[i] = isSoft ? v[i]! - 1 : 0;
      return 1;
    });
    return affine(
      'b',
      spikes.map((spike) => spike * scale),
    );
  });
}

describe('λ of a layer', () => {
  const activationsByHand = () => {
    const first = samples.map((sample) => affine('a', unitsOf(sample)).map((x) => Math.max(0, x)));
    const second = first.map((x) => affine('b', x).map((y) => Math.max(0, y)));
    return [first.flat(), second.flat()] as const;
  };

  it('by cao and diehl is the largest activation that was seen', async () => {
    const [first, second] = activationsByHand();
    for (const [method, parameters] of [
      [cao, {}],
      [diehl, { norm: 'data' }],
    ] as const) {
      const { balance } = await balanceBy(method, twoLayers, parameters);
      expect(balance.reset).toBe('value');
      expect(balance.scales.get('first')).toBeCloseTo(Math.max(...first), 4);
      expect(balance.scales.get('second')).toBeCloseTo(Math.max(...second), 4);
    }
  });

  it('by rueckauer has so many of the activations above 0 below it', async () => {
    const [first] = activationsByHand();
    const positive = first.filter((value) => value > 0);
    for (const percentile of [50, 90, 99]) {
      const { balance } = await balanceBy(rueckauer, twoLayers, { percentile, reset: 'subtract' });
      const below = positive.filter((value) => value < balance.scales.get('first')! * (1 - 1e-6)).length;
      expect(below).toBe(Math.floor((percentile / 100) * positive.length));
    }
  });

  it('by the model alone is what the positive weights come to, and no input exceeds it', async () => {
    const largest = (most: (weight: number) => number) =>
      Math.max(
        ...numbers(twoLayers, 'a', 'bias').map((bias, i) => {
          const row = numbers(twoLayers, 'a', 'weight').slice(3 * i, 3 * i + 3);
          return bias + row.reduce((sum, weight) => sum + most(weight), 0);
        }),
      );
    const ofFirst = (model: Model) => largestPossible(analogueNet(model)).get('first');
    expect(ofFirst(twoLayers)).toBeCloseTo(
      largest((weight) => Math.max(0, weight)),
      6,
    );
    const signed = { type: 'direct', parameters: { range: [-3, 5], gain: 2 } };
    expect(ofFirst({ ...twoLayers, encoder: new Map([['in', signed]]) })).toBeCloseTo(
      largest((weight) => 2 * Math.abs(weight)),
      6,
    );
    for (const model of [twoLayers, images]) {
      const { balance, activations } = await balanceBy(diehl, model, { norm: 'model' });
      for (const [name, layer] of activations)
        expect(activationCovering(layer, 1)).toBeLessThanOrEqual(balance.scales.get(name)!);
    }
  });

  it('by spike-norm is the most that arrives in a step of the net that spikes', async () => {
    const { balance } = await balanceBy(spikeNorm, twoLayers);
    const [first] = activationsByHand();
    expect(balance.scales.get('first')).toBeCloseTo(Math.max(...first), 4);
    const most = Math.max(...samples.flatMap((sample) => arrivals(sample, balance.scales.get('first')!, false).flat()));
    expect(balance.scales.get('second')).toBeCloseTo(most, 4);
  });

  it('by spike-norm counts what comes past a layer with what comes through it', async () => {
    const { balance } = await balanceBy(spikeNorm, images);
    const [second, third] = ['second', 'third'].map((name) => balance.scales.get(name)!) as [number, number];
    const model = spikingModel(analogueNet(images), balance, STEPS);
    const network = engineNamed('reference').load(model);
    const node = network.graph.nodes.findIndex(({ name }) => name === 'second');
    const [weight, bias] = [numbers(images, 'deep', 'weight'), numbers(images, 'deep', 'bias')];
    let most = 0;
    for (const { steps, input } of windowsOf(model, { samples: samplesFor(images, 40) })) {
      const raster = new EventBuffer(100 * steps);
      network.resetActivity();
      network.run(steps, input, new EventBuffer(100), raster);
      for (let step = 0; step < steps; step++) {
        const emitted = new Array<number>(16).fill(0);
        for (let k = 0; k < raster.length; k++) {
          if (raster.step[k] === step && raster.node[k] === node) emitted[raster.index[k]!] = second;
        }
        for (const [i, past] of emitted.entries()) {
          most = Math.max(most, bias[i]! + past + emitted.reduce((sum, x, j) => sum + weight[16 * i + j]! * x, 0));
        }
      }
    }
    expect(third).toBeCloseTo(most, 3);
  });

  it('by rmp lies between the most that arrives on the mean of a sample and the most of a step', async () => {
    const at = async (place: number, percentile = 100) =>
      (await balanceBy(rmp, twoLayers, { place, percentile })).balance;
    const [low, middle, high] = [await at(0), await at(0.5), await at(1)];
    const trains = samples.map((sample) => arrivals(sample, low.scales.get('first')!, true));
    const means = trains.flatMap((steps) =>
      steps[0]!.map((_, i) => steps.reduce((sum, values) => sum + values[i]!, 0) / STEPS),
    );
    const [mean, most] = [Math.max(...means), Math.max(...trains.flat(2))];
    expect(low.scales.get('second')).toBeCloseTo(mean, 4);
    expect(high.scales.get('second')).toBeCloseTo(most, 4);
    expect(middle.scales.get('second')).toBeCloseTo((mean + most) / 2, 4);
    expect(most).toBeGreaterThan(1.2 * mean);
    const usual = await at(0, 90);
    const arrived = samples.flatMap((sample) => {
      const steps = arrivals(sample, usual.scales.get('first')!, true);
      return steps[0]!.map((_, i) => steps.reduce((sum, values) => sum + values[i]!, 0) / STEPS);
    });
    const positive = arrived.filter((value) => value > 0);
    const below = positive.filter((value) => value < usual.scales.get('second')!).length;
    expect(Math.abs(below - 0.9 * positive.length)).toBeLessThan(3);
  });
});

it('by deng a neuron spikes as often as the nearest number says, not the one below', async () => {
  const { balance } = await balanceBy(deng, twoLayers, { percentile: 90 });
  const scale = balance.scales.get('first')!;
  const model = spikingModel(analogueNet(twoLayers), balance, STEPS);
  const network = engineNamed('reference').load(model);
  const node = network.graph.nodes.findIndex(({ name }) => name === 'first');
  let compared = 0;
  for (const [k, { steps, input }] of [...windowsOf(model, { samples })].entries()) {
    const raster = new EventBuffer(100 * steps);
    network.resetActivity();
    network.run(steps, input, new EventBuffer(100), raster);
    const counts = affine('a', unitsOf(samples[k]!)).map(() => 0);
    for (let at = 0; at < raster.length; at++) if (raster.node[at] === node) counts[raster.index[at]!]!++;
    affine('a', unitsOf(samples[k]!)).forEach((activation, i) => {
      const exact = (STEPS * activation) / scale + 0.5;
      if (Math.abs(exact - Math.round(exact)) < 1e-3) return;
      expect(counts[i]).toBe(Math.max(0, Math.min(STEPS, Math.floor(exact))));
      compared++;
    });
  }
  expect(compared).toBeGreaterThan(100);
});
