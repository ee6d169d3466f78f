import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vogelsAbbott } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { openBrian2 } from './baselines/brian2.mjs';
import { compileC, converse } from './baselines/c-program.mjs';
import { inTurn } from './baselines/in-turn.mjs';
import { stepsAlike } from './baselines/steps-alike.mjs';
import { median } from './infer/interleave.mjs';

export const title = 'Vogels–Abbott CUBA, 4000 LIF, 2 % connectivity, dt 0.1 ms: milliseconds per second of the net';

const STEPS = 10_000;

/**
 * Blocks of runs of one second of the net in turn with the C loop and Brian 2, from the same start; ratios are medians
 * over the rounds.
 */
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
    const add = (name, program) => {
      programs.push(program);
      contestants.set(name, {
        run: async () => (await program.ask('run')).ms,
        spikes: async () => (await program.ask('spikes')).spikes,
      });
    };
    const skipped = {};
    for (const [name, flags] of [
      ['c_float32', []],
      ['c_float64', ['-DREAL=double']],
    ]) {
      const program = compileC('cuba', folder, flags);
      if (program === undefined) skipped.C = 'there is no C compiler';
      else add(name, converse(program, [net, String(STEPS)]));
    }
    const brian2 = quick ? undefined : openBrian2('cuba_brian2.py', [net, String(STEPS), folder]);
    if (brian2 === undefined) skipped['Brian 2'] = quick ? 'a quick run does not wait for it' : 'no Python has it';
    else add('brian2', brian2);
    const truth = await contestants.get('c_float64')?.spikes();
    const equality = {};
    for (const [name, { spikes }] of contestants) {
      equality[name] = name === 'c_float64' ? compare(truth) : compare(await spikes(), truth);
    }
    const runs = Object.fromEntries([...contestants].map(([name, { run }]) => [name, run]));
    return { rounds, times: summarise(await inTurn(runs, rounds)), equality, skipped };
  } finally {
    for (const { close } of programs) close();
    rmSync(folder, { recursive: true });
  }
}

export function table({ rounds, times, equality, skipped }) {
  const rows = Object.entries(times).map(([name, { median, low, ratio, lowRatio, ofOurs, realTime }]) => {
    const toC = ratio === undefined ? '' : `   ${ratio} × the C loop, at best ${lowRatio} ×`;
    const beside = `${toC}   ${ofOurs} × spikewire`;
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
  if (truth === undefined) return { spikes: spikes.length };
  return { spikes: spikes.length, equalUntilMs: stepsAlike(spikes, truth, STEPS) / 10 };
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
        ofOurs: median(runs.map((ms, k) => ms / times.spikewire[k])),
        ...(c && { ratio: median(runs.map((ms, k) => ms / c[k])), lowRatio: Math.min(...runs) / Math.min(...c) }),
      };
      return [name, Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, round(value)]))];
    }),
  );
}
