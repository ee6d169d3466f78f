/**
 * One thread of a campaign: takes its share of the cases in turn and says which one it is at. A case is a number: the
 * target and all that is random in it follow from that and the seed, so that any case can be had again alone.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { targets } from './targets.mjs';

/** A message is a line for people. */
const LONGEST_MESSAGE = 2000;
/** After so many cases the thread looks for messages and tells how far it is. */
const TURN = 200;

const { seed, only, first, stride, cases, seconds, progress } = workerData;
const at = new BigInt64Array(progress);
const chosen = targets.filter(({ name }) => only === undefined || name === only);
const turns = chosen.flatMap((target) => new Array(target.share ?? 1).fill(target));
const runs = new Map(chosen.map((target) => [target, undefined]));
const tally = { cases: 0, accepted: 0, refused: {}, byTarget: {} };
const end = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + 1000 * seconds;

for (let number = first; number < first + cases * stride && performance.now() < end; number += stride) {
  at[0] = BigInt(number);
  at[1] += 1n;
  const target = turns[Math.floor(number / stride) % turns.length];
  try {
    await runCase(target, number);
  } catch (problem) {
    parentPort.postMessage({ find: { number, target: target.name, problem: describe(problem) } });
  }
  if (tally.cases % TURN === 0) await new Promise(setImmediate);
}
for (const run of runs.values()) await run?.close?.();
parentPort.postMessage({ tally });

async function runCase(target, number) {
  const random = new RandomGenerator(BigInt(seed), `case ${number}`);
  if (runs.get(target) === undefined) runs.set(target, await target.create());
  tally.byTarget[target.name] ??= { cases: 0, accepted: 0 };
  const counts = tally.byTarget[target.name];
  tally.cases++;
  counts.cases++;
  try {
    if (await runs.get(target)(random)) {
      tally.accepted++;
      counts.accepted++;
    }
  } catch (error) {
    if (!(error instanceof SpikewireError)) throw error;
    if (error.message.includes('\n')) throw new Error('the message has several lines', { cause: error });
    if (error.message.length > LONGEST_MESSAGE) throw new Error('the message is too long', { cause: error });
    tally.refused[error.code] = (tally.refused[error.code] ?? 0) + 1;
  }
}

function describe(problem) {
  const lines = String(problem?.stack ?? problem)
    .split('\n')
    .slice(0, 8)
    .join('\n');
  return (
    lines.slice(0, LONGEST_MESSAGE) +
    (problem?.cause === undefined ? '' : `\nbecause of ${String(problem.cause).slice(0, LONGEST_MESSAGE)}`)
  );
}
