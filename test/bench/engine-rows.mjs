import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseModel, quantize, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { compileC, converse, vectorWidths } from './baselines/c-program.mjs';
import { median } from './infer/interleave.mjs';

export const title = 'int8 rows into 16-bit sums, 784×1000, 64 of 784 active: microseconds per step';

const [INPUTS, COLUMNS, ACTIVE] = [784, 1000, 64];
/** Steps in one run of the net, so that what happens once per run does not count. */
const STEPS = 200;
/** Steps of a block: short, so that most blocks have the processor to themselves. */
const BLOCK = 200;

/**
 * A step of the net with 64 active inputs less one with none is what the rows cost in the engine, with the input's way
 * to them. Beside it the same sums in C and as a plain loop over typed arrays.
 */
export async function run({ quick = false } = {}) {
  const rounds = quick ? 30 : 300;
  const active = Int32Array.from({ length: ACTIVE }, (_, k) => Math.floor((k * INPUTS) / ACTIVE));
  const model = rowsModel();
  const weights = columnsLast(model.graph.nodes.get('rows').parameters.weight.data);
  const ours = openOurs(model, active);
  const plain = openPlain(weights, active);
  const timed = {
    spikewire: (count) => ours(true, count) - ours(false, count),
    'plain TypeScript loop': plain.run,
  };
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-rows-'));
  const programs = [];
  try {
    const net = join(folder, 'net.bin');
    writeFileSync(net, Buffer.concat([Int32Array.of(INPUTS, COLUMNS, ACTIVE), weights, active].map(bytesOf)));
    for (const [name, flags] of vectorWidths) {
      const program = compileC('rows', folder, flags);
      if (program === undefined) continue;
      const c = converse(program, [net]);
      programs.push(c);
      const { sums } = await c.ask('sums');
      if (sums.join() !== plain.sums().join()) throw new Error(`${name} gives other sums`);
      timed[name] = async (count) => (await c.ask(String(count))).ns / 1000;
    }
    const times = new Map(Object.keys(timed).map((name) => [name, []]));
    for (let round = -1; round < rounds; round++) {
      for (const [name, time] of Object.entries(timed)) {
        const us = await time(BLOCK);
        // The first round only warms up.
        if (round >= 0) times.get(name).push(us);
      }
    }
    return { rounds, results: summarise(times), ...(programs.length === 0 && { skipped: 'there is no C compiler' }) };
  } finally {
    for (const { close } of programs) close();
    rmSync(folder, { recursive: true });
  }
}

export function table({ rounds, results, skipped }) {
  const rows = results.map(
    ({ name, median, low, ratio }) =>
      `  ${name.padEnd(24)} ${median.toFixed(2).padStart(8)} µs   least ${(low?.toFixed(2) ?? '').padStart(7)}   ${ratio.toFixed(2)} × the first's time\n`,
  );
  return `${rows.join('')}${skipped ? `  C left out: ${skipped}\n` : ''}  median of ${rounds} rounds in turn\n`;
}

/** Weights as a trained layer has them, and a threshold that nothing reaches. */
function rowsModel() {
  const random = new RandomGenerator(1, 'rows');
  const weight = Array.from({ length: COLUMNS }, () => Array.from({ length: INPUTS }, () => random.nextNormal()));
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      rows: { type: 'Linear', weight },
      sums: { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1e5, v_reset: 0 },
      out: { type: 'Output', shape: [COLUMNS] },
    },
    edges: [
      ['in', 'rows'],
      ['rows', 'sums'],
      ['sums', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'value' },
  });
  return quantize(model, { bits: 8 });
}

/** Microseconds of a step, with or without active inputs, over about `count` steps. */
function openOurs(model, active) {
  const network = engineNamed('clocked').load(model);
  const output = new EventBuffer(1);
  // Several windows of few steps each, because a window takes events for a few full steps on the fast way in.
  const steps = STEPS / 5;
  const full = new EventBuffer(steps * ACTIVE);
  for (let step = 0; step < steps; step++) for (const index of active) full.push(step, 0, index, 1);
  const none = new EventBuffer(0);
  return (isActive, count) => {
    const input = isActive ? full : none;
    const runs = Math.ceil(count / steps);
    const start = performance.now();
    for (let k = 0; k < runs; k++) network.run(steps, input, output);
    return ((performance.now() - start) * 1000) / (runs * steps);
  };
}

function openPlain(weights, active) {
  const sums = new Int16Array(COLUMNS);
  const step = () => {
    sums.fill(0);
    for (let r = 0; r < active.length; r++) addRow(sums, weights, active[r] * COLUMNS);
  };
  return {
    run(count) {
      const start = performance.now();
      for (let k = 0; k < count; k++) step();
      return ((performance.now() - start) * 1000) / count;
    },
    sums() {
      step();
      return Array.from(sums);
    },
  };
}

/**
 * As parameters, arrays are known to the compiler to stay the same: the loop is two and a half times as fast as in a
 * closure.
 */
function addRow(sums, weights, row) {
  for (let c = 0; c < COLUMNS; c++) sums[c] += weights[row + c];
}

/** [columns][inputs] as [inputs][columns]. */
function columnsLast(weights) {
  const turned = new Int8Array(weights.length);
  for (let i = 0; i < INPUTS; i++) for (let c = 0; c < COLUMNS; c++) turned[i * COLUMNS + c] = weights[c * INPUTS + i];
  return turned;
}

function bytesOf({ buffer }) {
  return new Uint8Array(buffer);
}

function summarise(times) {
  const [first] = times.values();
  return [...times].map(([name, rounds]) => ({
    name,
    median: median(rounds),
    // That of the engine is a difference, which has no least value that means anything.
    ...(rounds !== first && { low: Math.min(...rounds) }),
    ratio: median(rounds) / median(first),
  }));
}
