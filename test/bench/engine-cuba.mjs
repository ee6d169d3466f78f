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
  const ours = openOurs(model);
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-cuba-'));
  const programs = [];
  try {
    const contestants = new Map([['spikewire', { run: () => ours.run().ms, spikes: () => ours.run().spikes() }]]);
    const net = join(folder, 'net.bin');
    writeFileSync(net, netForC(model));
    for (const [name, flags] of [
      ['c_float32', []],
      ['c_float64', ['-DREAL=double']],
    ]) {
      const program = compileC('cuba', folder, flags);
      if (program === undefined) continue;
      const c = converse(program, [net, String(STEPS)]);
      programs.push(c);
      contestants.set(name, {
        run: async () => (await c.ask('run')).ms,
        spikes: async () => (await c.ask('spikes')).spikes,
      });
    }
    const truth = await contestants.get('c_float64')?.spikes();
    const equality = {};
    const times = {};
    for (const [name, { spikes }] of contestants) {
      equality[name] = compare(await spikes(), truth);
      times[name] = [];
    }
    for (let round = 0; round < rounds; round++) {
      for (const [name, { run }] of contestants) times[name].push(await run());
    }
    const skipped = programs.length === 0 ? { C: 'there is no C compiler' } : {};
    return { rounds, times: summarise(times), equality, skipped };
  } finally {
    for (const { close } of programs) close();
    rmSync(folder, { recursive: true });
  }
}

export function table({ rounds, times, equality, skipped }) {
  const rows = Object.entries(times).map(([name, { median, low, ratio, lowRatio, realTime }]) => {
    const beside = ratio === undefined ? '' : `   ${ratio} × the C loop, at best ${lowRatio} ×`;
    return `  ${name.padEnd(24)} ${String(median).padStart(8)} ms   least ${String(low).padStart(7)}   ${String(realTime).padStart(5)} × real time${beside}`;
  });
  const same = Object.entries(equality).map(([name, { spikes, equalUntilMs }]) => {
    const until = equalUntilMs === undefined ? '' : `, those of C in float64 until ${equalUntilMs} ms`;
    return `  ${name}: ${spikes} spikes${until}`;
  });
  const missing = Object.entries(skipped).map(([name, why]) => `  ${name} left out: ${why}`);
  return `${[...rows, ...same, ...missing].join('\n')}\n  median of ${rounds} rounds in turn\n`;
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
  if (truth === undefined || spikes === truth) return { spikes: spikes.length };
  const different = spikes.findIndex(([step, cell], k) => step !== truth[k]?.[0] || cell !== truth[k][1]);
  const until = different < 0 ? STEPS : Math.min(spikes[different][0], truth[different]?.[0] ?? STEPS);
  return { spikes: spikes.length, equalUntilMs: until / 10 };
}

function summarise(times) {
  const c = times.c_float32;
  const round = (value) => Number(value.toPrecision(3));
  return Object.fromEntries(
    Object.entries(times).map(([name, runs]) => {
      const figures = {
        median: median(runs),
        low: Math.min(...runs),
        realTime: 1000 / median(runs),
        ...(c && { ratio: median(runs.map((ms, k) => ms / c[k])), lowRatio: Math.min(...runs) / Math.min(...c) }),
      };
      return [name, Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, round(value)]))];
    }),
  );
}
