/**
 * Fuzzes the readers of model files for a time: `node test/fuzz/run.mjs --seconds 60 [--seed 1] [--json]`.
 * Any bytes must give a checked model or a SpikewireError of one short line, soon; an accepted model must come back from its
 * own file. Ends with 1 at the first input that breaks this, and says in which file it lies.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  modelDigest,
  RandomGenerator,
  readAnyModel,
  readModel,
  readSafetensors,
  SpikewireError,
  writeModel,
} from '@spikewire/models';
import { files, texts } from './corpus.mjs';
import { mutate, pick } from './mutations.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const LONGEST_MESSAGE = 2000;
/** An input of a few kilobytes that takes this long found something worse than linear, on any machine. */
const SLOWEST_MILLISECONDS = 10_000;

const random = new RandomGenerator(BigInt(options.seed), 'fuzz');
const seeds = files();
const readable = texts.map((text) => Buffer.from(JSON.stringify(text)));

const tally = { inputs: 0, bytes: 0, accepted: 0, refused: {}, milliseconds: 0, slowest: 0, largestHeap: 0 };

function nextInput() {
  const choice = random.nextInteger(20);
  if (choice === 0) return Uint8Array.from({ length: random.nextInteger(300) }, () => random.nextInteger(256));
  if (choice < 4) return mutate(pick(random, readable), random);
  return mutate(pick(random, seeds), random);
}

function attempt(read, bytes) {
  const start = performance.now();
  let model;
  try {
    model = read(bytes);
    tally.accepted += 1;
  } catch (error) {
    if (!(error instanceof SpikewireError)) throw error;
    if (error.message.includes('\n')) throw new Error('the message has several lines', { cause: error });
    if (error.message.length > LONGEST_MESSAGE) throw new Error('the message is too long', { cause: error });
    tally.refused[error.code] = (tally.refused[error.code] ?? 0) + 1;
  }
  const elapsed = performance.now() - start;
  tally.milliseconds += elapsed;
  tally.bytes += bytes.length;
  tally.slowest = Math.max(tally.slowest, elapsed);
  if (elapsed > SLOWEST_MILLISECONDS) throw new Error(`took ${elapsed} ms`);
  return model;
}

/** What was accepted must be a model: its own file holds the same. */
function checkAccepted(model) {
  const written = writeModel(model);
  if (modelDigest(readModel(written)) !== modelDigest(written)) throw new Error('does not come back from its own file');
}

function check(bytes) {
  attempt(readSafetensors, bytes);
  const model = attempt(readAnyModel, bytes);
  if (model !== undefined) checkAccepted(model);
  tally.inputs += 1;
  if (tally.inputs % 1000 === 0) tally.largestHeap = Math.max(tally.largestHeap, process.memoryUsage().rss);
}

const end = performance.now() + 1000 * Number(options.seconds);
while (performance.now() < end) {
  const bytes = nextInput();
  try {
    check(bytes);
  } catch (error) {
    const path = join(mkdtempSync(join(tmpdir(), 'spikewire-fuzz-')), 'input');
    writeFileSync(path, bytes);
    console.error(
      `input ${tally.inputs} of seed ${options.seed}, kept in ${path}: ${String(error).slice(0, LONGEST_MESSAGE)}`,
    );
    console.error(String(error.stack).split('\n    at ').slice(1, 8).join('\n  '));
    if (error.cause !== undefined) console.error(`because of ${String(error.cause).slice(0, LONGEST_MESSAGE)}`);
    process.exit(1);
  }
}

const perMegabyte = tally.milliseconds / (tally.bytes / 1e6);
if (options.json) console.log(JSON.stringify({ ...tally, millisecondsPerMegabyte: perMegabyte }));
else {
  const refused = Object.entries(tally.refused).map(([code, count]) => `${count} ${code}`);
  console.log(`${tally.inputs} inputs, ${tally.accepted} accepted, refused: ${refused.join(', ')}`);
  console.log(
    `${perMegabyte.toFixed(1)} ms/MB, slowest ${tally.slowest.toFixed(1)} ms, RSS at most ${(tally.largestHeap / 1e6).toFixed(0)} MB`,
  );
}
