import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelFile, WEIGHTS } from './memory/net.mjs';
import { fitGrowth, measureFootprints, readMemory, runProgram } from './memory/process.mjs';

export const title = `Memory with an int8 net of ${WEIGHTS} weights: MB above bare Node, and growth over many inferences`;

const ROUNDS = 5;
const REPORTS = 100;
/** Enough for V8 to compile what is hot, on both threads. */
const WARM = 2000;
const MB = 1e6;

const labels = {
  bare: 'bare Node',
  compiler: 'bare Node with one hot loop',
  'in-process': 'in process',
  worker: 'with the worker thread',
};

export async function run({ quick = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-memory-'));
  try {
    const file = join(folder, 'net.spike');
    writeFileSync(file, modelFile());
    const nets = ['in-process', 'worker'];
    const programs = [
      ...['bare', 'compiler'].map((name) => ({ name, words: [] })),
      ...nets.map((name) => ({ name, words: [file, WARM] })),
    ];
    const footprints = await measureFootprints(programs, quick ? 3 : ROUNDS);
    const inferences = quick ? 50_000 : 1_000_000;
    const growth = {};
    for (const name of nets) growth[name] = await measureGrowth(name, file, inferences);
    return { weights: WEIGHTS, inferences, footprints: compare(footprints), growth };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function table({ footprints, growth, inferences }) {
  const head = `  ${''.padEnd(30)}${'RSS'.padStart(8)}${'above'.padStart(8)}${'own'.padStart(8)}${'above'.padStart(8)}  MB\n`;
  const rows = Object.entries(footprints).map(([name, { rss, anonymous, aboveBare }]) => {
    const figures = [rss, aboveBare.rss, anonymous, aboveBare.anonymous];
    return `  ${labels[name].padEnd(30)}${figures.map((figure) => figure.toFixed(1).padStart(8)).join('')}\n`;
  });
  const growths = Object.entries(growth).map(
    ([name, { bytesPerInference, standardError, first, last }]) =>
      `  ${labels[name].padEnd(30)}${bytesPerInference.toFixed(3)} ± ${standardError.toFixed(3)} bytes per inference` +
      ` over ${inferences}; RSS ${first.toFixed(1)} … ${last.toFixed(1)} MB\n`,
  );
  return [head, ...rows, ...growths].join('');
}

/** RSS while the program runs, and the line through it behind the first tenth. */
async function measureGrowth(name, file, inferences) {
  const samples = [];
  await runProgram(name, [file, inferences, inferences / REPORTS], (id, done) =>
    samples.push([done, readMemory(id).rss]),
  );
  const { slope, standardError } = fitGrowth(samples);
  return {
    bytesPerInference: round(slope, 4),
    standardError: round(standardError, 4),
    first: round(samples[0][1] / MB, 2),
    last: round(samples.at(-1)[1] / MB, 2),
  };
}

/** In MB, each beside what it has above bare Node. */
function compare(footprints) {
  const inMegabytes = (values) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, round(value / MB, 2)]));
  const above = ({ rss, pss, anonymous }) => ({
    rss: rss - footprints.bare.rss,
    pss: pss - footprints.bare.pss,
    anonymous: anonymous - footprints.bare.anonymous,
  });
  return Object.fromEntries(
    Object.entries(footprints).map(([name, each]) => [
      name,
      { ...inMegabytes(each), aboveBare: inMegabytes(above(each)) },
    ]),
  );
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
