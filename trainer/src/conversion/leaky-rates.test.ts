import { EventBuffer, engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { expect, it } from 'vitest';
import { leakyModel } from './leaky-rates.ts';
import { samplesFor, twoLayers } from './nets.test-data.ts';

const neuron = { tauRef: 0.002, tauRc: 0.02, synapse: 0.005 };

it('spikes at the rates that its rectifiers stood for, in units of the rate at 1', () => {
  const steps = 1000;
  const model = leakyModel(twoLayers, neuron, steps);
  const nodes = new Map([...model.graph.nodes]);
  const { weight, bias } = nodes.get('a')!.parameters as never as Record<string, { data: Float64Array }>;
  const samples = samplesFor(twoLayers, 3);
  for (const { input } of windowsOf(model, { samples })) {
    const x = [0, 0, 0];
    for (let k = 0; k < input.length; k++) if (input.step[k] === 0) x[input.index[k]!] = input.value[k]!;
    const network = engineNamed('reference').load(model);
    const raster = new EventBuffer(1e5);
    network.run(steps, input, new EventBuffer(1e5), raster);
    const cells = network.graph.nodes.findIndex(({ name }) => name === 'first');
    const counts = new Array<number>(12).fill(0);
    for (let k = 0; k < raster.length; k++) if (raster.node[k] === cells) counts[raster.index[k]!]! += 1;
    for (const [i, count] of counts.entries()) {
      const j = Array.from(bias!.data)[i]! + x.reduce((sum, value, k) => sum + weight!.data[3 * i + k]! * value, 0);
      const rate = j > 0 ? 1 / (0.002 + 0.02 * Math.log1p(1 / j)) : 0;
      // A period is rounded up to whole steps, so that fast ones are slower by up to a step of several.
      const slowest = rate === 0 ? 0 : 1 / (1 / rate + 0.001);
      expect(count).toBeLessThan(rate * 1.001 + 1.5);
      expect(count).toBeGreaterThan(slowest * 0.97 - 2);
    }
  }
});

it('adds up, step by step, what comes to the answer of a net of these rates', () => {
  // Short steps, so that hardly anything is rounded.
  const [steps, semantics] = [5000, { ...twoLayers.semantics, dt: 1e-4 }];
  const model = leakyModel({ ...twoLayers, semantics }, neuron, steps);
  const after = (name: string, x: readonly number[]) => {
    const { weight, bias } = model.graph.nodes.get(name)!.parameters as never as Record<string, { data: Float64Array }>;
    return Array.from(bias!.data, (b, i) =>
      x.reduce((sum, value, j) => sum + weight!.data[i * x.length + j]! * value, b),
    );
  };
  // In units of the rate at 1, where ln(1 + 1/x) is ln 2.
  const rates = (x: readonly number[]) =>
    x.map((value) => (value > 0 ? (0.002 + 0.02 * Math.LN2) / (0.002 + 0.02 * Math.log1p(1 / value)) : 0));
  for (const { input } of windowsOf(model, { samples: samplesFor(twoLayers, 2) })) {
    const x = [0, 0, 0];
    for (let k = 0; k < input.length; k++) if (input.step[k] === 0) x[input.index[k]!] = input.value[k]!;
    const network = engineNamed('reference').load(model);
    network.run(steps, input, new EventBuffer(1e5), new EventBuffer(1e5));
    const wanted = after('c', rates(after('b', rates(after('a', x)))));
    const size = Math.max(...wanted.map(Math.abs));
    for (const [i, sum] of network.readState('out.sum', 'v').entries()) {
      expect(Math.abs(sum / steps - wanted[i]!)).toBeLessThan(0.2 * size);
    }
  }
});
