import { EventBuffer, engineNamed } from 'spikewire';
import { windowsOf } from 'spikewire/data';
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
