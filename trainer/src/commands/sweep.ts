import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type JsonValue, modelDigest, SpikewireError } from '@spikewire/models';
import { type Command, type CommandArguments, type CommandConsole, prepareFile, writeWhole } from 'spikewire/cli';
import { findTrialQueue, type SweepTerms, type TakenTrial, type TrialOutcome, type TrialQueue } from 'spikewire/trials';
import type { RunConfiguration } from '../outcome/run-folder.ts';
import { commonWords, gridOf, type Point, wordsAt } from '../sweeps/grid.ts';
import { LocalQueue } from '../sweeps/local-queue.ts';
import { described, ordered, sayOutcomes } from '../sweeps/outcomes.ts';
import { termsOf } from '../sweeps/shared-sweep.ts';
import { TrialFolder } from '../sweeps/trial-folder.ts';
import { trainIn } from '../sweeps/trial-process.ts';

/** Milliseconds between two lines about how far the sweep is. */
const PROGRESS_MS = 2000;

/** What the command of training gives: itself, and how it reads its options. */
export interface Training {
  readonly command: Command;
  readonly configurationOf: (args: CommandArguments) => RunConfiguration;
}

/**
 * Trains at every point of a grid, in processes of their own, as many at once as there are cores. Of each there is a
 * model, `<out>-1.spike` and so on, and a run folder; the table is ordered by validation. With a database, other
 * machines that are given the same command take some of the points, and each prints the table of all. When the signal
 * comes, all trainings of this machine are told to save and stop.
 */
export async function sweep(training: Training, args: CommandArguments, console: CommandConsole): Promise<void> {
  const { command } = training;
  const points = gridOf(command, args);
  const out = args.needed('out', 'a file for the models, such as m.spike');
  if (args.text('run') !== undefined) {
    throw new SpikewireError(
      'usage',
      'spikewire train --run',
      'cannot be combined with --sweep',
      'a folder beside each model',
    );
  }
  const processes = Math.min(availableParallelism(), points.length);
  const threads = args.number('threads', { minimum: 1, whole: true });
  const each = threads ?? Math.max(1, Math.floor(availableParallelism() / processes));
  const database = args.text('database');
  const source = database === undefined ? undefined : await findTrialQueue('spikewire train --database', 'database');
  const terms = source && (await termsOf({ ...training, args, points }));
  const failure = new AbortController();
  const signal = AbortSignal.any([console.signal, failure.signal]);
  const warn = (line: string) => console.warn(`spikewire: ${line}`);
  const queue = (await source?.open(database!, terms!, { signal, warn })) ?? new LocalQueue(points.length, signal);
  if (terms !== undefined) console.say(`sweep ${terms.name}: ${points.length} trainings`);
  const trials = { queue, points, console, outOf: (number: number) => numbered(out, number) };
  const train = trainingOf(training, args, points, { threads: each, terms, signal });
  const ended = new AbortController();
  void sayProgress(trials, ended.signal);
  try {
    await together(processes, () => work(trials, train), failure);
    ended.abort();
    const outcomes = ordered(await queue.outcomes());
    const isWhole = terms !== undefined && outcomes.length === points.length;
    sayOutcomes(
      console,
      points,
      outcomes,
      isWhole ? await fetchBest(trials, outcomes[0]!, args.flag('overwrite')) : [],
    );
  } finally {
    ended.abort();
    await queue.close();
  }
}

/** Works several times at once. Where one fails, the others are told to stop, and it rejects as that one did. */
async function together(times: number, work: () => Promise<void>, failure: AbortController): Promise<void> {
  const each = Array.from({ length: times }, work);
  for (const one of each) one.catch(() => failure.abort());
  await Promise.allSettled(each);
  await Promise.all(each);
}

function numbered(out: string, number: number): string {
  return out.replace(/(\.spike)?$/, `-${number}.spike`);
}

interface Trials {
  readonly queue: TrialQueue;
  readonly points: readonly Point[];
  readonly console: CommandConsole;
  /** The model file of a trial on this machine. */
  readonly outOf: (number: number) => string;
}

type Train = (trial: TakenTrial, out: string) => ReturnType<typeof trainIn>;

/** Trains one after the other, as long as there are some. */
async function work({ queue, points, console, outOf }: Trials, train: Train): Promise<void> {
  for (let trial = await queue.take(); trial !== undefined; trial = await queue.take()) {
    const out = outOf(trial.number);
    const result = await train(trial, out).catch(async (problem) => {
      await trial.release();
      throw problem;
    });
    if (result === undefined) {
      await trial.release();
      continue;
    }
    await trial.finish(out, result);
    const { done, failed } = (await queue.progress()) ?? { done: 0, failed: 0 };
    console.say(`${done + failed}/${points.length}  ${described(points[trial.number - 1]!, result)}`);
  }
}

/** Says again and again how far the sweep is, on all machines. */
async function sayProgress({ queue, points, console }: Trials, ended: AbortSignal): Promise<void> {
  for (;;) {
    await pause(PROGRESS_MS, undefined, { signal: ended }).catch(() => {}); // ended
    const progress = ended.aborted ? undefined : await queue.progress();
    if (progress === undefined || ended.aborted) return;
    const { done, failed, running, machines } = progress;
    const where = machines > 1 ? ` on ${machines} machines` : '';
    const failures = failed > 0 ? `, ${failed} failed` : '';
    console.progress(`sweep: ${done} of ${points.length} done${failures}, ${running} in training${where}`);
  }
}

/** How a trial is trained: on several machines it goes on from where this one had been. */
function trainingOf(
  { command }: Training,
  args: CommandArguments,
  points: readonly Point[],
  { threads, terms, signal }: { threads: number; terms: SweepTerms | undefined; signal: AbortSignal },
): Train {
  const common = commonWords(command, args);
  const backend = common.filter((word) => word.startsWith('--backend='));
  return async ({ number, lost }, out) => {
    const folder = terms && new TrialFolder(out, { ...terms, number });
    const isBegun = await folder?.prepare(args.flag('overwrite'));
    const words = isBegun
      ? [...backend, `--resume=${folder!.path}`]
      : [...common, ...wordsAt(points[number - 1]!), `--out=${out}`];
    const result = await trainIn([...words, `--threads=${threads}`], AbortSignal.any([signal, lost]));
    if (result?.problem !== undefined) await folder?.forget();
    if (result?.figures === undefined || terms === undefined) return result;
    return { ...result, model: await readFile(out) };
  };
}

/** Of a sweep on several machines the best model comes to each. Returns what to say of it. */
async function fetchBest({ queue, outOf }: Trials, best: TrialOutcome, overwrite: boolean): Promise<string[]> {
  if (best.figures === undefined) return [];
  const { number, machine, figures } = best;
  const out = outOf(number);
  const present = await readFile(out).catch(() => undefined);
  if (present !== undefined && isModel(present, figures.digest)) return [`the best model: ${out}`];
  const there = `the best model: ${best.out} on ${machine}`;
  if (present !== undefined && !overwrite) return [`${there}; here ${out} is another file (see --overwrite)`];
  const bytes = await queue.model(number);
  if (bytes === undefined) return [`${there}; it is too large for the database`];
  if (!isModel(bytes, figures.digest)) throw new SpikewireError('store', 'database', `has a damaged ${best.out}`);
  await prepareFile(out);
  await writeWhole(out, bytes);
  return [`the best model: ${out}, fetched from the database; trained on ${machine}`];
}

function isModel(bytes: Uint8Array, digest: JsonValue | undefined): boolean {
  try {
    return modelDigest(bytes) === digest;
  } catch {
    return false; // some other file
  }
}
