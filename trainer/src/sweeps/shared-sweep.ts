import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import { type Command, type CommandArguments, parseArguments } from 'spikewire/cli';
import { loadDataSet } from 'spikewire/data';
import type { SweepTerms } from 'spikewire/trials';
import type { RunConfiguration } from '../outcome/run-folder.ts';
import { readWindows } from '../recordings/read-windows.ts';
import { version } from '../version.ts';
import { commonWords, type Point, wordsAt } from './grid.ts';

/** Options that change no number: those of files are told by their names alone, and by a digest of what is in them. */
const OF_THIS_MACHINE = ['--overwrite'];
const FILES = ['data', 'model'];
/** Hexadecimal digits of a name that nobody has given. */
const NAME_DIGITS = 16;

export interface SharedSweepOptions {
  readonly command: Command;
  readonly args: CommandArguments;
  readonly points: readonly Point[];
  readonly configurationOf: (args: CommandArguments) => RunConfiguration;
}

/**
 * What all machines of a sweep must agree on. Two that give the same command have the same name, also where their data
 * differ: it then says so.
 */
export async function termsOf(options: SharedSweepOptions): Promise<SweepTerms> {
  const { command, args, points } = options;
  const common = commonWords(command, args).filter((word) => !OF_THIS_MACHINE.includes(word));
  const told = JSON.stringify([common.map(withoutFolder), points.map((point) => wordsAt(point).map(withoutFolder))]);
  return {
    name: args.text('sweep-name') ?? createHash('sha256').update(told).digest('hex').slice(0, NAME_DIGITS),
    release: version(),
    options: described(common, args),
    data: await dataDigest(options),
    trials: points.length,
  };
}

/** As a person would write them. */
function described(common: readonly string[], args: CommandArguments): string {
  return [...common.map(withoutFolder), ...args.texts('sweep').map((text) => `--sweep ${withoutFolder(text)}`)].join(
    ' ',
  );
}

/** The same file may be in another folder on another machine. */
function withoutFolder(word: string): string {
  const [, start, option, value] = /^((?:--)?([^=]+)=)(.*)$/s.exec(word) ?? [];
  if (option === undefined || !FILES.includes(option)) return word;
  return start + value!.split(',').map(nameOf).join(',');
}

function nameOf(address: string): string {
  const [, scheme = '', path] = /^([\w-]+:)?(.*)$/s.exec(address)!;
  return scheme + basename(path!);
}

/** Of everything that is learned and tested at the points, and of the models that are trained further. */
async function dataDigest({ command, args, points, configurationOf }: SharedSweepOptions): Promise<string> {
  const common = [...commonWords(command, args), '--out=any.spike'];
  const digest = createHash('sha256');
  const seen = new Set<string>();
  for (const point of points) {
    const { data, recordings, model } = configurationOf(parseArguments(command, [...common, ...wordsAt(point)]));
    const key = JSON.stringify([data, recordings, model]);
    if (seen.has(key)) continue;
    seen.add(key);
    if (recordings === undefined) digestSet(await loadDataSet(data), (part) => digest.update(part));
    else {
      const { windows, parts } = await readWindows(recordings);
      digestSet(windows, (part) => digest.update(part));
      digest.update(JSON.stringify(parts));
    }
    if (model !== undefined) digest.update(await readFile(model));
  }
  return digest.digest('hex');
}

function digestSet(set: DataSet, update: (part: string | Uint8Array) => void): void {
  const { classes, channels, shape, frames, training, validation } = set;
  update(JSON.stringify({ classes, channels, shape, frames }));
  for (const part of [set, training, validation]) if (part !== undefined) digestSamples(part, update);
}

function digestSamples({ samples, labels, targets = [] }: LabelledSamples, update: (part: Uint8Array) => void): void {
  for (const numbers of [[samples.length], labels, ...samples, ...targets])
    update(new Uint8Array(Float64Array.from(numbers).buffer));
}
