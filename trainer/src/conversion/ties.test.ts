import { EventBuffer, engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { elementCount, type Model } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { classes } from '../measures/classes.ts';
import { activationsOf } from './analogue/activations.ts';
import { analogueNet } from './analogue/analogue-net.ts';
import { parametersOf } from './method.ts';
import { conversionMethods } from './methods/methods.ts';
import { images, samplesFor, twoLayers } from './nets.test-data.ts';
import { spikingModel } from './spiking-model.ts';

const STEPS = 32;

/** Of each sample, every spike of a model on an engine. */
function spikesOn(engine: string, model: Model, samples: readonly Float64Array[]): string[] {
  const network = engineNamed(engine).load(model);
  const { nodes } = network.graph;
  const isSpiking = nodes.map(({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes');
  const size = nodes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return [...windowsOf(model, { samples })].map(({ steps, input }) => {
    const raster = new EventBuffer(steps * size);
    network.resetActivity();
    network.run(steps, input, new EventBuffer(steps * size), raster);
    const events = Array.from({ length: raster.length }, (_, k) => k).filter((k) => isSpiking[raster.node[k]!]);
    const named = events.map((k) => `${raster.step[k]} ${nodes[raster.node[k]!]!.name} ${raster.index[k]}`);
    return named.sort().join();
  });
}

it.each(conversionMethods.flatMap((method) => [[method.name, 'twoLayers'] as const, [method.name, 'images'] as const]))(
  'by %s, every engine has the same spikes for the samples that chose λ of %s',
  async (name, netName) => {
    const analogue = { twoLayers, images }[netName];
    const method = conversionMethods.find((each) => each.name === name)!;
    const [net, backend, samples] = [analogueNet(analogue), interpreter, samplesFor(analogue, 60)];
    const activations = await activationsOf(net, { samples }, { backend });
    const site = { net, backend, activations, measure: classes, samples, steps: STEPS, inputs: new Map() };
    const model = spikingModel(net, await method.balance(site, parametersOf(method)), STEPS);
    const truth = spikesOn('reference', model, samples);
    expect(truth.join().split(',').length).toBeGreaterThan(1000);
    for (const engine of ['clocked', 'event']) {
      const found = spikesOn(engine, model, samples);
      expect(
        found.flatMap((spikes, k) => (spikes === truth[k] ? [] : [k])),
        engine,
      ).toEqual([]);
    }
  },
);
