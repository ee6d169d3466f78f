import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Model, parseModel, RandomGenerator, vogelsAbbott } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { compileC, converse, vectorWidths } from './baselines/c-program.mjs';
import { convolutionWorkload } from './convolution/network.mjs';
import { contestantsIn as convolutionContestants } from './engine-conv.mjs';
import { netForC as cubaNet } from './engine-cuba.mjs';
import { contestantsIn as denseContestants } from './engine-dense.mjs';
import { onItsGrid } from './infer/grid.mjs';
import { countSpikes } from './infer/spikes.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-baselines-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Workload {
  readonly model: Model;
  readonly integerModel: Model;
  readonly steps: number;
  readonly samples: readonly EventBuffer[];
}

interface Contestant {
  readonly name: string;
  open(workload: Workload): Promise<unknown>;
}

interface Opened {
  counts(sample: number): Promise<number[]>;
  close(): void;
}

// The programs know nothing of the engines: they read weights and thresholds and do the arithmetic in their own way.
describe.each(vectorWidths.map(([name]) => name))('%s gives the spikes of the engines', (name) => {
  it('of a dense net', async (context) => {
    needs(context, 'gcc');
    await expectEqualCounts(denseContestants(folder), name, denseWorkload());
  });

  it('of a convolutional net', async (context) => {
    needs(context, 'gcc');
    const workload = convolutionWorkload();
    await expectEqualCounts(convolutionContestants(folder), name, {
      ...workload,
      samples: workload.samples.slice(0, 3),
    });
  });

  it('and the sums of a row of neurons', async (context) => {
    needs(context, 'gcc');
    const [inputs, columns] = [90, 150];
    const active = [3, 4, 17, 60, 88];
    const random = new RandomGenerator(1, 'rows');
    const weights = Int8Array.from({ length: inputs * columns }, () => random.nextInteger(255) - 127);
    const net = join(folder, 'rows.bin');
    const parts = [Int32Array.of(inputs, columns, active.length), weights, Int32Array.from(active)];
    writeFileSync(net, Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer))));
    const { sums } = await answerOf(program('rows', name), [net], 'sums');

    const weight = Array.from({ length: columns }, (_, c) =>
      Array.from({ length: inputs }, (_, i) => weights[i * columns + c]!),
    );
    const network = engineNamed('clocked').load(
      chain([inputs], { rows: { type: 'Linear', weight }, cell: still }, columns),
    );
    network.run(1, spikesAt([active]), new EventBuffer(0));
    expect(sums).toEqual(Array.from(network.readState('cell', 'v'), Math.round));
  });
});

it('C in float64 gives the first spikes of the clocked engine in the net of Vogels and Abbott', async (context) => {
  needs(context, 'gcc');
  const steps = 300;
  const model = vogelsAbbott();
  const net = join(folder, 'cuba.bin');
  writeFileSync(net, cubaNet(model));
  const { spikes } = await answerOf(compileC('cuba', folder, ['-DREAL=double'])!, [net, String(steps)], 'spikes');
  const output = new EventBuffer(spikes.length + 1000);
  engineNamed('clocked').load(model).run(steps, new EventBuffer(0), output);
  expect(spikes.length).toBeGreaterThan(100);
  expect(Array.from({ length: output.length }, (_, k) => [output.step[k], output.index[k]])).toEqual(spikes);
});

/**
 * The counts of a C program beside those of the clocked and of the reference engine, in real numbers, on every sample.
 */
async function expectEqualCounts(contestants: readonly Contestant[], name: string, workload: Workload): Promise<void> {
  const { model, samples, steps } = workload;
  const networks = ['clocked', 'reference'].map((engine) => engineNamed(engine).load(model));
  const c = (await contestants.find((contestant) => contestant.name === name)!.open(workload)) as Opened;
  try {
    for (const [index, sample] of samples.entries()) {
      const counts = await c.counts(index);
      expect(Math.max(...counts)).toBeGreaterThan(0);
      for (const network of networks) expect(countSpikes(network, sample, steps)).toEqual(counts);
    }
  } finally {
    c.close();
  }
}

function program(name: string, width: string): string {
  const [, flags] = vectorWidths.find(([title]) => title === width)!;
  return compileC(name, folder, flags)!;
}

async function answerOf(file: string, args: readonly string[], line: string) {
  const { ask, close } = converse(file, args);
  try {
    return await ask(line);
  } finally {
    close();
  }
}

/** Weights on a grid of powers of two, whose sums are exact in both forms. */
function denseWorkload(): Workload {
  const [inputs, hidden, outputs, steps] = [70, 64, 10, 12];
  const random = new RandomGenerator(2, 'dense');
  const drawn = (rows: number, columns: number, spread: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => Math.round(spread * random.nextNormal())));
  const layers = [
    { connection: 'first', population: 'hidden', unit: 2 ** -6, integers: drawn(hidden, inputs, 20) },
    { connection: 'second', population: 'classes', unit: 2 ** -5, integers: drawn(outputs, hidden, 15) },
  ];
  const [first, second] = layers.map(({ integers, unit }) => ({
    type: 'Linear',
    weight: integers.map((row) => row.map((integer) => integer * unit)),
  }));
  const model = chain([inputs], { first, hidden: spiking, second, classes: spiking }, outputs);
  return {
    model,
    integerModel: onItsGrid(
      model,
      layers.map((layer) => ({ ...layer, integers: layer.integers.flat() })),
    ),
    steps,
    samples: Array.from({ length: 4 }, () =>
      spikesAt(
        Array.from({ length: steps }, () =>
          Array.from({ length: inputs }, (_, index) => index).filter(() => random.nextUniform() < 0.2),
        ),
      ),
    ),
  };
}

/** v ← 0.9·v + input. */
const spiking = { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1, v_reset: 0 };
const still = { ...spiking, v_threshold: 1e6 };

function chain(shape: readonly number[], nodes: Readonly<Record<string, unknown>>, outputs: number): Model {
  const names = ['in', ...Object.keys(nodes), 'out'];
  return parseModel({
    nodes: { in: { type: 'Input', shape }, ...nodes, out: { type: 'Output', shape: [outputs] } },
    edges: names.slice(1).map((name, k) => [names[k], name]),
    semantics: { dt: 0.001, integrate: 'euler', threshold: 'gt', reset: 'subtract' },
  });
}

function spikesAt(bySteps: readonly (readonly number[])[]): EventBuffer {
  const node = 0;
  const events = new EventBuffer(bySteps.flat().length);
  for (const [step, indices] of bySteps.entries()) for (const index of indices) events.push(step, node, index, 1);
  return events;
}
