import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrian2 } from './baselines/brian2.mjs';
import { compileC, converse, vectorWidths } from './baselines/c-program.mjs';
import { inTurn } from './baselines/in-turn.mjs';
import { stepsAlike } from './baselines/steps-alike.mjs';
import { INPUTS, NEURONS, openNetwork, SAMPLE_STEPS } from './diehl-cook/network.mjs';
import { diehlCookStimulus } from './diehl-cook/stimulus.mjs';
import { median } from './infer/interleave.mjs';

export const title = 'Diehl–Cook 784-400 with learning, 350 + 150 ms, dt 0.5 ms: milliseconds per sample';

const SAMPLES = 20;

/**
 * Blocks of runs of all samples in turn with the C loop and Brian 2, from the same start; ratios are medians over the
 * rounds, to C with the vectors of WebAssembly.
 */
export async function run({ quick = false } = {}) {
  const rounds = quick ? 5 : 25;
  const stimulus = diehlCookStimulus(SAMPLES);
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-diehl-cook-'));
  const programs = [];
  try {
    const net = join(folder, 'net.bin');
    writeFileSync(net, bytesOf(stimulus));
    const programOf = (flags) => compileC('diehl_cook', folder, flags);
    const double = programOf(['-DREAL=double']);
    if (double === undefined) return { skipped: 'there is no C compiler' };
    const open = (program, args) => {
      programs.push(converse(program, args));
      return programs.at(-1);
    };
    const exact = open(double, [net]);
    const loops = vectorWidths.map(([name, flags]) => /** @type {const} */ ([name, open(programOf(flags), [net])]));
    const brian2 = quick ? undefined : openBrian2('diehl_cook_brian2.py', [net, folder]);
    if (brian2 !== undefined) programs.push(brian2);
    const ours = openNetwork(stimulus);
    ours.run();
    const truth = (await exact.ask('spikes')).spikes;
    const equality = { spikewire: compare(ours.spikes(), truth) };
    for (const [name, loop] of loops) equality[name] = compare((await loop.ask('spikes')).spikes, truth);
    const timesOf = (program) => async () => (await program.ask('run')).ms;
    const contestants = {
      spikewire: () => ours.run(),
      ...Object.fromEntries(loops.map(([name, loop]) => [name, timesOf(loop)])),
      'C, float64': timesOf(exact),
      ...(brian2 && { 'Brian 2': timesOf(brian2) }),
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
      `${name.padEnd(14)}${String(median).padStart(7)} ms, at best ${String(low).padStart(6)}   ` +
      `${String(ratio).padStart(5)}× ${vectorWidths[0][0]} ${String(ofOurs).padStart(5)}× spikewire`,
  );
  const same = Object.entries(equality).map(
    ([name, { spikes, equalUntilMs }]) => `${name}: ${spikes} spikes, those of float64 until ${equalUntilMs} ms`,
  );
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
      const [ratio, ofOurs] = [timesThat(vectorWidths[0][0]), timesThat('spikewire')];
      return [name, { median: round(median(own)), low: round(Math.min(...own)), ratio, ofOurs }];
    }),
  );
}
