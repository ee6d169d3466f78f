import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { SpikewireError } from 'spikewire';
import { makeFolder, type RecordedShape } from 'spikewire/recorded';
import { type ReadRecording, type RecordingFile, readRecording } from '../record/recordings.ts';
import { blockOf } from './classifier-model.ts';
import type { OnProgress, TrainingFigures } from './training-figures.ts';

/** What the trainer may say, beyond which it is not listened to. */
const MOST_OUTPUT = 1 << 24;
/** Below all else, which must not wait for it. */
const NICE = 15;
/** Single readings in a window where nobody says how many, and the fewest that tell anything. */
const [SAMPLES, FEWEST] = [32, 8];

/** The program of a `spikewire`, our own or one beside the palette, that finds a trainer; else undefined. */
export function trainerProgram(): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths('spikewire') ?? [];
  const runtimes = folders.map((folder) => join(folder, 'spikewire', 'package.json')).filter(existsSync);
  const runtime = runtimes.find(findsTrainer);
  return runtime && join(dirname(runtime), 'bin', 'spikewire.js');
}

function findsTrainer(runtime: string): boolean {
  try {
    createRequire(realpathSync(runtime)).resolve('@spikewire/trainer/package.json');
    return true;
  } catch {
    return false;
  }
}

export interface TrainBeside {
  readonly program: string;
  /** Of the recordings. */
  readonly folder: string;
  readonly recordings: readonly RecordingFile[];
  /** Single readings in a window; undefined: as many as there are, up to 32. */
  readonly samples: number | undefined;
  /** For its files, deleted at the end. */
  readonly work: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Trains a net in a process of its own, which leaves nothing behind. Rejects with what the trainer says. */
export async function trainBeside({ work, ...asked }: TrainBeside) {
  const smallest = asked.recordings.toSorted((a, b) => a.bytes - b.bytes)[0]!;
  const read = await readRecording(smallest);
  await rm(work, { recursive: true, force: true });
  await makeFolder(work);
  try {
    const out = join(work, 'net.spike');
    const data = ['--data', `recordings:${asked.folder}`, ...cutOf(smallest.path, read, asked.samples)];
    const said = await run([asked.program, 'train', ...data, '--out', out, '--json', '--threads', threads()], asked);
    return { bytes: await readFile(out), shape: read.shape, figures: figuresOf(JSON.parse(said)) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Leaves Node-RED a core where there are several. */
function threads(): string {
  return String(Math.max(1, availableParallelism() - 1));
}

/** Windows that a recording of single readings is to give, as long as they overlap. */
const WINDOWS = 16;

/** How recordings are cut: blocks as they are, single readings in windows that overlap by half or more. */
function cutOf(path: string, { shape, readings }: ReadRecording, samples: number | undefined): string[] {
  const block = blockOf(shape);
  const length = block > 1 ? block : Math.min(samples ?? SAMPLES, readings.length);
  if (length < FEWEST) throw new SpikewireError('input', path, `has ${readings.length} readings`, `${FEWEST} at least`);
  const spread = Math.floor((readings.length - length) / WINDOWS);
  const hop = block > 1 ? length : Math.max(1, Math.min(Math.ceil(length / 2), spread));
  return ['--length', String(length), '--hop', String(hop), '--rate', String(rateOf(shape, readings))];
}

/** Samples per second, by the median of the times between readings. */
function rateOf(shape: RecordedShape, readings: ReadRecording['readings']): number {
  const gaps = readings
    .slice(1)
    .map(({ t }, k) => t - readings[k]!.t)
    .sort((a, b) => a - b);
  return (1000 * blockOf(shape)) / Math.max(1, gaps[gaps.length >> 1] ?? 1);
}

/** What the trainer answers. */
function run(
  words: readonly string[],
  { signal, onProgress }: Pick<TrainBeside, 'signal' | 'onProgress'>,
): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    signal,
    killSignal: 'SIGKILL',
  });
  let [answer, last] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (answer.length < MOST_OUTPUT) answer += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    last = (last + text).slice(-4096);
    const epoch = [...last.matchAll(/epoch (\d+)\/(\d+)/g)].at(-1);
    if (epoch !== undefined) onProgress(Number(epoch[1]) / Number(epoch[2]));
  });
  return new Promise((resolve, reject) => {
    child.on('spawn', () => {
      try {
        setPriority(child.pid!, NICE);
      } catch {
        // It trains at the usual priority.
      }
    });
    child.on('error', () => {}); // `close` follows
    child.on('close', (code, ended) => {
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve(answer);
      // The last line is of its progress then.
      else if (ended !== null)
        reject(
          new SpikewireError(
            'budget',
            'training',
            `was ended by ${ended}`,
            'enough memory, and no other process that stops it',
          ),
        );
      else reject(new SpikewireError('input', 'training', sayingOf(last) || `ended (${code})`));
    });
  });
}

/** The last line, which says what was wrong. */
function sayingOf(text: string): string {
  return text
    .trim()
    .split('\n')
    .at(-1)!
    .replace(/^spikewire: /, '')
    .slice(0, 600);
}

/** Of the document of `spikewire train --data recordings:…`. */
interface Said {
  readonly accuracy: number;
  readonly unknown?: number;
  readonly report: {
    readonly classes: readonly { readonly name: string }[];
    readonly confusion: readonly (readonly number[])[];
    readonly majority: number;
    readonly tested: number;
    readonly testRecordings: number;
  };
}

function figuresOf({ accuracy, unknown = 0, report }: Said): TrainingFigures {
  const { classes, confusion, majority, tested, testRecordings } = report;
  const names = classes.map(({ name }) => name);
  return {
    by: 'trainer',
    accuracy,
    majority,
    unknown: unknown / tested,
    classes: names,
    confusion,
    tested,
    recordings: testRecordings,
  };
}
