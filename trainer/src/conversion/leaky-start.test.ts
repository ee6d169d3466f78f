import { EventBuffer, engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { numbersOf } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { classes } from '../measures/classes.ts';
import { judge } from '../measures/measure.ts';
import { leakyStart } from './leaky-start.ts';
import { images, samplesFor, twoLayers } from './nets.test-data.ts';

const dataFor = (model: typeof twoLayers, count: number) => ({
  ...{ name: 'drawn', classes: ['a', 'b', 'c'], labels: new Int32Array(count) },
  samples: samplesFor(model, count),
});

it.each(['euler', 'exact'] as const)(
  'leaks its share in every step and takes up currents whole, %s',
  async (integrate) => {
    const analogue = { ...twoLayers, semantics: { ...twoLayers.semantics, integrate } };
    const data = dataFor(analogue, 40);
    const model = await leakyStart(analogue, { backend: interpreter, data, steps: 3, percentile: 100, leak: 0.2 });
    const { weight, bias } = model.graph.nodes.get('a')!.parameters as never as Record<string, { data: Float32Array }>;
    for (const { input } of [...windowsOf(model, data)].slice(0, 5)) {
      const network = engineNamed('reference').load(model);
      const x = [0, 0, 0];
      for (let k = 0; k < input.length; k++) x[input.index[k]!] = input.value[k]!;
      const currents = Array.from(bias!.data, (b, i) =>
        x.reduce((sum, value, j) => sum + weight!.data[3 * i + j]! * value, b),
      );
      network.run(3, input, new EventBuffer(100));
      const v = network.readState('first', 'v');
      for (const [i, current] of currents.entries()) {
        let membrane = 0;
        for (let step = 0; step < 3; step++) {
          membrane = 0.8 * membrane + current;
          if (membrane >= 1) membrane -= 1;
        }
        expect(v[i]).toBeCloseTo(membrane, 5);
      }
    }
  },
);

it('answers as the analogue net with many steps and hardly a leak', async () => {
  const data = dataFor(images, 60);
  const model = await leakyStart(images, { backend: interpreter, data, steps: 200, percentile: 100, leak: 1e-5 });
  const [known, found] = [await judge(classes, images, data), await judge(classes, model, data)];
  const same = 60 * classes.alike(found.answers, known.answers);
  expect(same).toBeGreaterThan(56);
  expect(numbersOf(model.graph.nodes.get('first')!, 'tau')!.data).toHaveLength(1);
});

it('keeps neurons without leak where there is to be none', async () => {
  const model = await leakyStart(twoLayers, {
    backend: interpreter,
    data: dataFor(twoLayers, 20),
    steps: 4,
    percentile: 99,
    leak: 0,
  });
  expect(model.graph.nodes.get('first')!.type).toBe('IF');
});
