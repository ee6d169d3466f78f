import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { formats } from '@spikewire/exchange/formats';
import { type CheckedReading, parseModel, type ReadingChoices, readWith } from '@spikewire/models';
import { engineNamed, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { needsRecorded } from './data.ts';

const netx = formats.find(({ name }) => name === 'netx')!;
const DT = 1e-3;
const STEPS = 2000;

/** An array of numpy in C order (NEP 1), of float64 or int64. */
function numpy(path: string): { readonly shape: readonly number[]; readonly data: Float64Array } {
  const bytes = gunzipSync(readFileSync(path));
  const start = 10 + bytes.readUInt16LE(8);
  const head = bytes.toString('latin1', 10, start);
  expect(head).toContain("'fortran_order': False");
  const shape = /'shape': \(([\d, ]+)\)/
    .exec(head)![1]!
    .split(',')
    .flatMap((size) => (/\d/.test(size) ? [+size] : []));
  const isWhole = head.includes("'<i8'");
  const length = shape.reduce((product, size) => product * size, 1);
  const at = (k: number) => start + 8 * k;
  const data = Float64Array.from({ length }, (_, k) =>
    isWhole ? Number(bytes.readBigInt64LE(at(k))) : bytes.readDoubleLE(at(k)),
  );
  return { shape, data };
}

/** Spikes of an array [neurons, steps], as [step, neuron] in order. */
function eventsOf({ shape, data }: ReturnType<typeof numpy>): number[][] {
  const [, steps] = shape as [number, number];
  const events: number[][] = [];
  for (const [k, spike] of data.entries()) if (spike !== 0) events.push([k % steps, Math.floor(k / steps)]);
  return inOrder(events);
}

const inOrder = (events: number[][]) => events.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);

/** Rows of neuron, channel and time in ms, as lava-dl keeps recordings; a step has one spike at most. */
function recorded({ data }: ReturnType<typeof numpy>): number[][] {
  const rows = Array.from({ length: data.length / 3 }, (_, k) => [nearestEven(data[3 * k + 2]!), data[3 * k]!]);
  return inOrder([...new Map(rows.map((row) => [row.join(' '), row])).values()]);
}

/** As numpy rounds. */
function nearestEven(x: number): number {
  return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
}

const oxford = (folder: string, choices: ReadingChoices): CheckedReading =>
  readWith(
    netx,
    gunzipSync(readFileSync(join(folder, 'oxford/Trained/network.net.gz'))),
    {},
    choices,
  ) as CheckedReading;

const ENGINES = ['reference', 'clocked'];

describe('what Lava computed of a dense layer', () => {
  it.for(ENGINES)('is what the %s engine does, current by current and spike by spike', (engine, context) => {
    const folder = join(needsRecorded(context, 'lava-dl-gts'), 'netx/dense');
    const array = (name: string) => numpy(join(folder, `${name}.npy.gz`));
    const weight = array('weight');
    const [outputs, inputs] = weight.shape as [number, number];
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [inputs] },
        dense: {
          type: 'Linear',
          weight: Array.from({ length: outputs }, (_, n) =>
            Array.from(weight.data.subarray(n * inputs, (n + 1) * inputs), (w) => 64 * w),
          ),
        },
        cell: { type: 'LoihiLIF', decay_u: 4096, decay_v: 415, v_threshold: 6 * 64 },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'dense', { delay: 1 }],
        ['dense', 'cell'],
        ['cell', 'out'],
      ],
      semantics: { dt: DT },
    });
    const input = { dt: DT, steps: STEPS, input: { in: eventsOf(array('in')) } };
    const record = [{ what: 'spikes' as const }, { what: 'u' as const }];
    const answer = simulate(model, input, { engine: engineNamed(engine), record });
    const wanted = eventsOf(array('out'));
    expect(wanted).toHaveLength(1826);
    expect(answer.spikes.cell).toEqual(wanted);
    const current = array('current').data;
    let different = 0;
    for (const [step, row] of answer.traces.cell!.u!.entries()) {
      for (let n = 0; n < outputs; n++) if (row[n] !== 64 * current[n * STEPS + step]!) different++;
    }
    expect(different).toBe(0);
  });
});

describe('the Oxford net of lava-dl', () => {
  it('has its first layer from the golden dense one, and spikes as Lava does', (context) => {
    const folder = needsRecorded(context, 'lava-dl-gts');
    const { model, notes } = oxford(folder, {});
    expect(notes).toEqual([expect.stringMatching(/^step as on Loihi and in Lava: .*--from slayer/)]);
    const input = { dt: DT, steps: STEPS, input: { input: eventsOf(numpy(join(folder, 'netx/dense/in.npy.gz'))) } };
    const { spikes } = simulate(model, input, { engine: engineNamed('clocked') });
    expect(spikes.layer0).toEqual(eventsOf(numpy(join(folder, 'netx/dense/out.npy.gz'))));
  });

  it.for(ENGINES)('gives what slayer recorded, spike by spike, in the %s engine', (engine, context) => {
    const folder = needsRecorded(context, 'lava-dl-gts');
    const { model } = oxford(folder, { step: { from: 'slayer' } });
    const input = recorded(numpy(join(folder, 'oxford/input.npy.gz')));
    const { spikes } = simulate(model, { dt: DT, steps: STEPS, input: { input } }, { engine: engineNamed(engine) });
    const wanted = recorded(numpy(join(folder, 'oxford/ground_truth.npy.gz')));
    expect(wanted).toHaveLength(10_178);
    expect(spikes.layer1).toEqual(wanted);
  });
});
