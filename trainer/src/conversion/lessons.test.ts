import { engineNamed } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { Session } from 'spikewire/session';
import { expect, it } from 'vitest';
import { analogueNet } from './analogue/analogue-net.ts';
import { type Bits, inForm } from './integer-form.ts';
import { withLessons } from './lessons.ts';
import { images, samplesFor, twoLayers } from './nets.test-data.ts';
import { spikingModel } from './spiking-model.ts';

const samples = samplesFor(images, 24);
const scales = new Map(['first', 'second', 'third'].map((name) => [name, 12]));
const converted = (steps: number) => spikingModel(analogueNet(images), { scales, reset: 'subtract' }, steps);

it.each<Bits>([undefined, 8])('a converted net learns other names from lessons, in %s bits', async (bits) => {
  const model = inForm(withLessons(converted(16), 0.05), samples, bits);
  const session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model, { seed: 1 }), { seed: 1 });
  let time = 0;
  const named: string[] = [];
  for (const values of samples) named.push((await session.feed({ time: time++, values })).result as string);
  // Every class is called as the next one, which its net never says.
  const wanted = named.map((name) => 'bca'['abc'.indexOf(name)]!);
  let right = 0;
  for (let pass = 0; pass < 25; pass++) {
    right = 0;
    for (const [k, values] of samples.entries()) {
      const { result } = await session.feed({ time: time++, values });
      if (result === wanted[k]) right++;
      expect(await session.teach({ kind: 'label', label: wanted[k]!, time: undefined })).toBe('applied');
    }
  }
  await session.close();
  expect(right).toBeGreaterThan(20);
});

it('refuses a net that names no classes', () => {
  const numbers = { ...images, decoder: new Map([['out', { type: 'linear', parameters: {} }]]) };
  expect(() => withLessons(numbers, 0.05)).toThrow('convert --lessons: is for classes; expected a net that names them');
});

it('refuses an answer that no dense layer gives', () => {
  const nodes = new Map(twoLayers.graph.nodes);
  nodes.delete('c');
  const edges = [
    ...twoLayers.graph.edges.filter(({ source, target }) => source !== 'c' && target !== 'c'),
    { source: 'second', target: 'out', delay: 0 },
  ];
  nodes.set('out', { type: 'Output', parameters: {} });
  const net = analogueNet({ ...twoLayers, graph: { nodes, edges } });
  const spiking = spikingModel(
    net,
    {
      scales: new Map([
        ['first', 4],
        ['second', 4],
      ]),
      reset: 'subtract',
    },
    8,
  );
  expect(() => withLessons(spiking, 0.01)).toThrow(
    'leads to the answer, and takes no lessons; expected Linear or Affine',
  );
});
