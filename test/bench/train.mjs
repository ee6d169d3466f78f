import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { converse } from './baselines/c-program.mjs';
import { median } from './infer/interleave.mjs';
import { BATCH, nets } from './train/step.mjs';

export const title = 'A step of training of LIF nets, spikes as input, batch 128, Adam: beside torch on the same cores';

const THREADS = [1, 2];

/** What a net is compared with, the first of them at every speed-up. */
const torchForms = { mlp: ['mlp', 'mlp-batched'], conv: ['conv'] };

/** Multiplications and additions of a sample's dense products: both layers forward and back, without the input's. */
const DENSE_FLOP = 25 * 2 * (2 * 784 * 256 + 3 * 256 * 10);
const GEMM_FLOP = 2 * 2048 ** 3;

/** All are processes that stay; they take turns, so that all meet the same machine. */
export async function run({ quick = false } = {}) {
  const rounds = quick ? 2 : 7;
  const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', 'import torch']).status === 0);
  const contestants = THREADS.flatMap((threads) => contestantsWith(threads, python));
  for (const each of contestants) Object.assign(each, { process: converse(each.program, each.args), blocks: [] });
  try {
    let torch;
    for (const { process } of contestants) torch = (await process.next()).torch ?? torch;
    for (let round = -1; round < rounds; round++) await takeTurns(contestants, round);
    for (const each of contestants) each.megabytes = Math.round((await each.process.ask('peak')).megabytes);
    const results = contestants.map((each) => figuresOf(each, contestants));
    return { batch: BATCH, rounds, torch, load: loadavg()[0], nets, results };
  } finally {
    for (const { process } of contestants) process.close();
  }
}

function contestantsWith(threads, python) {
  const [script, torchScript] = ['train/ours.mjs', 'train/torch-loop.py'].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  );
  const ours = (net) => ({
    name: `${net}, stbp`,
    net,
    threads,
    program: process.execPath,
    args: [script, net, threads],
  });
  const torch = (net, form) => ({
    name: `${form}, torch`,
    net,
    threads,
    program: python,
    args: [torchScript, form, threads],
  });
  return Object.keys(nets)
    .flatMap((net) => [ours(net), ...(python === undefined ? [] : torchForms[net].map((form) => torch(net, form)))])
    .concat(python === undefined ? [] : [torch('gemm', 'gemm')]);
}

/** A block of each, every round beginning with another; the first round warms up. */
async function takeTurns(contestants, round) {
  const first = Math.max(round, 0) % contestants.length;
  for (const { process, blocks } of [...contestants.slice(first), ...contestants.slice(0, first)]) {
    const block = await process.ask('block');
    if (round >= 0) blocks.push(block);
  }
}

/** Medians over the rounds; ratios are medians of those within a round. */
function figuresOf({ name, net, threads, megabytes, blocks }, contestants) {
  const common = { name, net, threads, megabytes };
  const spread = (values) => ({
    median: round(median(values)),
    low: round(Math.min(...values)),
    high: round(Math.max(...values)),
  });
  const [wall, processor] = ['wall', 'processor'].map((time) => blocks.map((block) => block[time]));
  if (net === 'gemm') {
    const rates = wall.map((milliseconds) => GEMM_FLOP / milliseconds / 1e6);
    return { ...common, gigaflops: spread(rates), denseLimit: Math.round((1e9 * median(rates)) / DENSE_FLOP) };
  }
  const blocksOf = (other) => contestants.find((each) => each.name === other && each.threads === threads)?.blocks;
  const loop = blocksOf(`${net}, torch`);
  const gemm = net === 'mlp' ? blocksOf('gemm, torch') : undefined;
  const within = (ratio) => round(median(blocks.map((block, k) => ratio(block, k))));
  return {
    ...common,
    milliseconds: spread(wall),
    processorMilliseconds: spread(processor),
    samplesPerSecond: Math.round((1000 * BATCH) / median(wall)),
    ...(loop && {
      timesTorchLoop: within((block, k) => loop[k].wall / block.wall),
      timesTorchLoopByProcessorTime: within((block, k) => loop[k].processor / block.processor),
    }),
    ...(gemm && {
      shareOfGemmLimit: within((block, k) => (DENSE_FLOP * BATCH * gemm[k].wall) / GEMM_FLOP / block.wall),
    }),
  };
}

export function table({ results, torch }) {
  const lines = results.map((result) => {
    const start = `  ${result.name.padEnd(18)} ${result.threads} thread${result.threads > 1 ? 's' : ' '}`;
    const { gigaflops, denseLimit, milliseconds, processorMilliseconds, samplesPerSecond, megabytes } = result;
    if (gigaflops !== undefined)
      return `${start}  ${gigaflops.median} GFLOP/s, so at most ${denseLimit} samples/s of mlp by dense products\n`;
    const times = [
      `${String(samplesPerSecond).padStart(7)} samples/s`,
      `${milliseconds.median} ms (${milliseconds.low} … ${milliseconds.high})`,
      `${processorMilliseconds.median} ms of processor time`,
      `${megabytes} MB`,
    ];
    const ratio = result.timesTorchLoop;
    const ratios =
      ratio === undefined ? [] : [`${ratio} × torch, ${result.timesTorchLoopByProcessorTime} × by processor time`];
    const share = result.shareOfGemmLimit === undefined ? [] : [`${result.shareOfGemmLimit} of the GEMM limit`];
    return `${start} ${[...times, ...ratios, ...share].join(', ')}\n`;
  });
  return [...lines, ...(torch === undefined ? ['  no torch for Python on this machine: it is left out\n'] : [])].join(
    '',
  );
}

function round(value) {
  return Number(value.toPrecision(3));
}
