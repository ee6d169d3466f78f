import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelUnder, type NirNet, readNir, stepRules } from '@spikewire/exchange/nir';
import { referenceEngine, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { needsRecorded } from './data.ts';

const DT = 1e-4;

interface Published {
  /** The file of what a platform computed; SpikingJelly is not among them. */
  readonly file?: string;
  /** What its voltages are to be divided by: some platforms scale the threshold. */
  readonly scale?: number;
  readonly spikes: readonly number[];
  readonly tolerance?: number;
}

const ON_TIME = [460, 510, 710, 760];
const LATE = [461, 511, 711, 761];
const UNNORMALISED = [450, 500, 710, 760];

/** What the NIR paper publishes for one LIF neuron (Pedersen et al. 2024, 01_lif). */
const published: Readonly<Record<string, Published>> = {
  norse: { file: 'lif_norse.csv', spikes: ON_TIME, tolerance: 1e-6 },
  snntorch: { file: 'lif_snntorch.csv', scale: 25, spikes: ON_TIME, tolerance: 1e-6 },
  spikingjelly: { spikes: ON_TIME },
  sinabs: { file: 'lif_sinabs.csv', spikes: UNNORMALISED, tolerance: 1e-6 },
  rockpool: { file: 'lif_rockpool.csv', spikes: UNNORMALISED, tolerance: 1e-6 },
  nengo: { file: 'lif_nengo.csv', scale: 10, spikes: ON_TIME },
  lava: { file: 'lif_lava_cpu_float.csv', spikes: LATE, tolerance: 1e-6 },
  // In the step of a spike it records the membrane before the reset.
  spyx: { file: 'lif_spyx.csv', spikes: LATE, tolerance: 1e-6 },
  // Fixed point.
  spinnaker2: { file: 'lif_spinnaker2.csv', scale: 25, spikes: ON_TIME, tolerance: 3e-5 },
};

type Row = readonly [input: number, v: number, spike: number];

function rowsOf(folder: string, file: string): Row[] {
  const lines = readFileSync(join(folder, '01_lif', file), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => line.split(',').map(Number) as unknown as Row);
}

const netOf = (folder: string, file: string): NirNet =>
  readNir(new Uint8Array(readFileSync(join(folder, '01_lif', file))));

function run(net: NirNet, from: string, rows: readonly Row[]) {
  const { model } = modelUnder(net, { from, dt: DT });
  const events = rows.flatMap(([x], step) => (x === 0 ? [] : [[step, 0]]));
  const input = { dt: DT, steps: rows.length, input: { input: events } };
  return simulate(model, input, { engine: referenceEngine, record: [{ what: 'spikes' }, { what: 'v' }] });
}

describe('lif_norse.nir under the rule of', () => {
  it('every framework that there is a rule for', () => {
    expect(Object.keys(published)).toEqual(stepRules.map(({ name }) => name));
  });

  it.for(Object.entries(published))('%s', ([from, { file, scale = 1, spikes, tolerance }], context) => {
    const folder = needsRecorded(context, 'nir-paper');
    const rows = rowsOf(folder, file ?? 'lif_norse.csv');
    const answer = run(netOf(folder, 'lif_norse.nir'), from, rows);
    expect(answer.spikes.output!.map(([step]) => step)).toEqual(spikes);
    if (file === undefined) return;
    expect(rows.flatMap(([, , spike], step) => (spike === 0 ? [] : [step]))).toEqual(spikes);
    if (tolerance === undefined) return;
    const population = Object.keys(answer.traces).find((name) => name === '1')!;
    const own = new Set(answer.spikes[population]!.map(([step]) => step));
    for (const [step, [, v]] of rows.entries()) {
      if (from === 'spyx' && own.has(step)) continue;
      const error = Math.abs(answer.traces[population]!.v![step]![0]! - v / scale);
      expect(error, `step ${step}`).toBeLessThanOrEqual(tolerance);
    }
  });

  it('nengo, whose membrane is exact before the first spike', (context) => {
    const folder = needsRecorded(context, 'nir-paper');
    const rows = rowsOf(folder, 'lif_exact.csv');
    const { traces } = run(netOf(folder, 'lif_norse.nir'), 'nengo', rows);
    for (let step = 0; step < ON_TIME[0]!; step++) {
      expect(Math.abs(traces['1']!.v![step]![0]! - rows[step]![1]), `step ${step}`).toBeLessThan(1e-9);
    }
  });
});

it('lif_rockpool.nir, as Rockpool wrote it, says its step and gives its voltages', (context) => {
  const folder = needsRecorded(context, 'nir-paper');
  const rows = rowsOf(folder, 'lif_rockpool.csv');
  const net = netOf(folder, 'lif_rockpool.nir');
  expect(modelUnder(net, { from: 'rockpool' }).model.semantics.dt).toBe(DT);
  const { traces, spikes } = run(net, 'rockpool', rows);
  const name = '1_LIFNeuronTorch';
  expect(spikes[name]!.map(([step]) => step)).toEqual(UNNORMALISED);
  for (const [step, [, v]] of rows.entries()) {
    expect(Math.abs(traces[name]!.v![step]![0]! - v), `step ${step}`).toBeLessThan(1e-6);
  }
});
