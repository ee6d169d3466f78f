import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vogelsAbbott } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { compileC, converse } from './baselines/c-program.mjs';
import { median } from './infer/interleave.mjs';

export const title = 'Vogels–Abbott CUBA, 4000 LIF, 2 % connectivity, dt 0.1 ms: milliseconds per second of the net';

const STEPS = 10_000;

/** Runs of one second of the net in turn with the C loop, from the same start; the ratio is the median over the rounds. */
export async function run({ quick = false } = {}) {
  const rounds = quick ? 5 : 25;
  const model = vogelsAbbott();
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-cuba-'));
  const programs = [];
  try {
    const net = join(folder, 'net.bin');
    writeFileSync(net, netForC(model));
    const [float32, float64] = [[], ['-DREAL=double']].map((flags) => compileC('cuba', folder, flags));
    if (float32 === undefined) return { skipped: 'there is no C compiler' };
    programs.push(...[float32, float64].map((program) => converse(program, [net, String(STEPS)])));
    const [c, exact] = programs;
    const ours = openOurs(model);
    const truth = (await exact.ask('spikes')).spikes;
    const equality = {
      c_float64: { spikes: truth.length },
      c_float32: compare((await c.ask('spikes')).spikes, truth),
      spikewire: compare(ours.run().spikes(), truth),
    };
    const times = { spikewire: [], c_float32: [], c_float64: [] };
    for (let round = 0; round < rounds; round++) {
      times.spikewire.push(ours.run().ms);
      times.c_float32.push((await c.ask('run')).ms);
      times.c_float64.push((await exact.ask('run')).ms);
    }
    return { rounds, times: summarise(times), equality };
  } finally {
    for (const { close } of programs) close();
    rmSync(folder, { recursive: true });
  }
}

export function table({ skipped, rounds, times, equality }) {
  if (skipped !== undefined) return `skipped: ${skipped}\n`;
  const rows = Object.entries(times).map(
    ([name, { median, low, ratio, lowRatio, realTime }]) =>
      `${name.padEnd(12)}${String(median).padStart(8)} ms (at best ${low}) ${String(realTime).padStart(6)}× real time  ` +
      `${ratio}× the C loop (at best ${lowRatio})`,
  );
  const same = Object.entries(equality)
    .filter(([, { equalUntilMs }]) => equalUntilMs !== undefined)
    .map(([name, { spikes, equalUntilMs }]) => `${name}: ${spikes} spikes, those of float64 until ${equalUntilMs} ms`);
  return `${[...rows, ...same].join('\n')}\nmedian of ${rounds} rounds in turn\n`;
}

function openOurs(model) {
  const network = engineNamed('clocked').load(model);
  const input = new EventBuffer(1);
  const output = new EventBuffer(400_000);
  return {
    run() {
      network.resetActivity();
      output.clear();
      const started = performance.now();
      network.run(STEPS, input, output);
      const ms = performance.now() - started;
      return {
        ms,
        spikes: () => Array.from({ length: output.length }, (_, k) => [output.step[k], output.index[k]]),
      };
    },
  };
}

/** The net as the C program reads it. */
export function netForC({ graph }) {
  const numbers = (node, key) => graph.nodes.get(node).parameters[key].data;
  const [excitatory, inhibitory] = ['excitatory', 'inhibitory'].map((name) => numbers(name, 'offset'));
  const cells = excitatory.length - 1;
  const first = inhibitory.findIndex((offset) => offset > 0) - 1;
  // Rows of the other kind are empty, so that the offsets of both add up.
  const offsets = Int32Array.from(excitatory, (offset, cell) => offset + inhibitory[cell]);
  const parts = [
    Int32Array.of(cells, first),
    offsets,
    Uint16Array.from([...numbers('excitatory', 'target'), ...numbers('inhibitory', 'target')]),
    Float64Array.from(numbers('cells', 'v_initial')),
  ];
  return Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer)));
}

function compare(spikes, truth) {
  const different = spikes.findIndex(([step, cell], k) => step !== truth[k]?.[0] || cell !== truth[k][1]);
  const until = different < 0 ? STEPS : Math.min(spikes[different][0], truth[different]?.[0] ?? STEPS);
  return { spikes: spikes.length, equalUntilMs: until / 10 };
}

function summarise(times) {
  return Object.fromEntries(
    Object.entries(times).map(([name, runs]) => {
      const ratio = median(runs.map((ms, round) => ms / times.c_float32[round]));
      const middle = median(runs);
      const low = Math.min(...runs);
      const lowRatio = low / Math.min(...times.c_float32);
      const round = (value) => Number(value.toPrecision(3));
      const figures = { median: middle, low, ratio, lowRatio, realTime: 1000 / middle };
      return [name, Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, round(value)]))];
    }),
  );
}
