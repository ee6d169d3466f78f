import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrian2 } from './baselines/brian2.mjs';
import { compileC, converse } from './baselines/c-program.mjs';
import { inTurn } from './baselines/in-turn.mjs';
import { stepsAlike } from './baselines/steps-alike.mjs';
import { INPUTS, NEURONS, openNetwork, SAMPLE_STEPS } from './diehl-cook/network.mjs';
import { diehlCookStimulus } from './diehl-cook/stimulus.mjs';
import { median } from './infer/interleave.mjs';

export const title = 'Diehl–Cook 784-400 with learning, 350 + 150 ms, dt 0.5 ms: milliseconds per sample';

const SAMPLES = 20;

/**
 * Blocks of runs of all samples in turn with the C loop and Brian 2, from the same start; ratios are medians over the
 * rounds.
 */
export async function run({ quick = false } = {}) {
  const rounds = quick ? 5 : 25;
  const stimulus = diehlCookStimulus(SAMPLES);
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-diehl-cook-'));
  const programs = [];
  try {
    const net = join(folder, 'net.bin');
    writeFileSync(net, bytesOf(stimulus));
    const [float32, float64] = [[], ['-DREAL=double']].map((flags) => compileC('diehl_cook', folder, flags));
    if (float32 === undefined) return { skipped: 'there is no C compiler' };
    const open = (program, args) => {
      programs.push(converse(program, args));
      return programs.at(-1);
    };
    const [c, exact] = [open(float32, [net]), open(float64, [net])];
    const brian2 = quick ? undefined : openBrian2('diehl_cook_brian2.py', [net, folder]);
    if (brian2 !== undefined) programs.push(brian2);
    const ours = openNetwork(stimulus);
    ours.run();
    const truth = (await exact.ask('spikes')).spikes;
    const equality = {
      c_float64: { spikes: truth.length },
      c_float32: compare((await c.ask('spikes')).spikes, truth),
      spikewire: compare(ours.spikes(), truth),
    };
    const contestants = {
      spikewire: () => ours.run(),
      c_float32: async () => (await c.ask('run')).ms,
      c_float64: async () => (await exact.ask('run')).ms,
      ...(brian2 && { brian2: async () => (await brian2.ask('run')).ms }),
    };
    const times = summarise(await inTurn(contestants, rounds));
    return { rounds, times, equality, ...(brian2 === undefined && { without: 'Brian 2' }) };
  } finally {
    for (const { close } of programs) close();
    rmSync(folder, { recursive: true });
  }
}

export function table({ skipped, rounds, times, equality, without }) {
  if (skipped !== undefined) return `skipped: ${skipped}\n`;
  const rows = Object.entries(times).map(
    ([name, { median, low, ratio, ofOurs }]) =>
      `${name.padEnd(12)}${String(median).padStart(7)} ms, at best ${String(low).padStart(6)}   ` +
      `${String(ratio).padStart(5)}× the C loop ${String(ofOurs).padStart(5)}× spikewire`,
  );
  const same = Object.entries(equality)
    .filter(([, { equalUntilMs }]) => equalUntilMs !== undefined)
    .map(([name, { spikes, equalUntilMs }]) => `${name}: ${spikes} spikes, those of float64 until ${equalUntilMs} ms`);
  const note = without === undefined ? '' : `without ${without}\n`;
  return `${[...rows, ...same].join('\n')}\n${note}median of ${rounds} rounds in turn\n`;
}

/** The net as the other programs read it. */
function bytesOf({ weights, steps, inputs, samples }) {
  const head = Int32Array.of(INPUTS, NEURONS, samples * SAMPLE_STEPS, steps.length);
  return Buffer.concat([head, weights, steps, inputs].map(({ buffer }) => new Uint8Array(buffer)));
}

function compare(spikes, truth) {
  return { spikes: spikes.length, equalUntilMs: stepsAlike(spikes, truth, SAMPLES * SAMPLE_STEPS) / 2 };
}

function summarise(times) {
  const round = (value) => Number(value.toPrecision(3));
  const samples = Object.entries(times).map(([name, runs]) => [name, runs.map((ms) => ms / SAMPLES)]);
  return Object.fromEntries(
    samples.map(([name, own]) => {
      const timesThat = (other) => round(median(times[name].map((ms, k) => ms / times[other][k])));
      const [ratio, ofOurs] = [timesThat('c_float32'), timesThat('spikewire')];
      return [name, { median: round(median(own)), low: round(Math.min(...own)), ratio, ofOurs }];
    }),
  );
}
