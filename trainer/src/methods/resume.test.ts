import { engineNamed } from '@spikewire/engine';
import { type DataSet, windowsOf } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { type Model, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { trains } from '../data/trains.ts';
import { xor } from '../data/xor.ts';
import { bestOf } from '../runs/history.ts';
import { resume } from './resume.ts';

const begin = (data: DataSet, given = {}, seed = 1) =>
  resume.start({ data, seed, backend: interpreter }, readParameters('resume', given, resume.parameters));

/** Steps in which each neuron spikes, on an engine, from rest. */
async function spikesOf(model: Model, data: DataSet, engine: string): Promise<number[][]> {
  const ends = { source: 'cells', target: 'out', delay: 0 };
  const edges = [...model.graph.edges.slice(0, 2), ends];
  const nodes = new Map([...model.graph.nodes].filter(([name]) => name !== 'height' && name !== 'smooth'));
  const answering = { ...model, graph: { nodes, edges }, learning: new Map() };
  const executor = new InProcessExecutor(engineNamed(engine), answering, { seed: 1 });
  const found = Array.from(data.targets![0]!, (): number[] => []);
  for (const [step, window] of [...windowsOf(answering, data)].entries()) {
    const { output } = await executor.run({ ...window, fresh: step === 0 });
    for (const neuron of output.index) found[neuron]!.push(step);
  }
  await executor.close();
  return found;
}

/** Steps in which the targets of a train jump up. */
function wantedOf({ targets }: DataSet): number[][] {
  return Array.from(targets![0]!, (_, j) =>
    targets!.flatMap((target, step) => (target[j]! > (targets![step - 1]?.[j] ?? 0) ? [step] : [])),
  );
}

/** Of two trains, each behind a Gaussian of 2 ms (Schreiber et al. 2003). */
function correlation(a: readonly number[], b: readonly number[]): number {
  // The product of two Gaussians, integrated, is one of √2 times their width in the distance of their centres.
  const product = (f: readonly number[], g: readonly number[]) =>
    f.flatMap((s) => g.map((t) => Math.exp(-((s - t) ** 2) / 16))).reduce((sum, each) => sum + each, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b) || 1);
}

it('brings ten random trains to a correlation above 0.9 each, on every engine', async () => {
  const data = await trains.load('7');
  const run = await begin(data, { epochs: 30 }, 3);
  const wanted = wantedOf(data);
  expect(wanted).toHaveLength(10);
  expect(wanted.flat().length).toBeGreaterThan(50);
  const first = await spikesOf(run.model(run.save()), data, 'clocked');
  const before = first.map((train, j) => correlation(train, wanted[j]!));
  expect(before.reduce((sum, each) => sum + each, 0) / before.length).toBeLessThan(0.6);
  let best = run.save();
  while (!run.finished) {
    await run.step();
    if (bestOf(run.history) === run.history.at(-1)) best = run.save();
  }
  for (const engine of ['clocked', 'reference']) {
    const found = await spikesOf(run.model(best), data, engine);
    for (const [j, train] of found.entries()) expect(correlation(train, wanted[j]!)).toBeGreaterThan(0.9);
  }
  expect(bestOf(run.history)!.validation.accuracy).toBeGreaterThan(0.9);
  await run.close();
});

it('goes on bit for bit from what was saved', async () => {
  // Begins with kernels that still fall.
  const { training } = await trains.load(undefined);
  const turned = <T>(rows: readonly T[]) => [...rows.slice(45), ...rows.slice(0, 45)];
  const part = { ...training!, samples: turned(training!.samples), targets: turned(training!.targets!) };
  const data = { name: 'turned', classes: [], ...part, training: part, validation: part };
  const [whole, first, second] = await Promise.all([0, 1, 2].map(() => begin(data, { epochs: 3 })));
  while (!whole!.finished) await whole!.step();
  await first!.step();
  await second!.restore(first!.save(), 'here');
  while (!second!.finished) await second!.step();
  expect(second!.save()).toEqual(whole!.save());
  await Promise.all([whole, first, second].map((run) => run!.close()));
});

it('wants trains, and other ones for each seed', async () => {
  await expect(begin(await xor.load(undefined))).rejects.toThrow('names classes; expected wanted spike trains');
  expect((await trains.load('2')).targets).not.toEqual((await trains.load('3')).targets);
  await expect(trains.load('x')).rejects.toThrow('--data trains:x: is not a seed');
});
