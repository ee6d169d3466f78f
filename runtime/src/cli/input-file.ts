import { extname } from 'node:path';
import { checkJsonMemory, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from '../address-events/address-events.ts';
import { readAedat } from '../address-events/aedat.ts';
import { readNMnist } from '../address-events/n-mnist.ts';
import { readPropheseeDat } from '../address-events/prophesee-dat.ts';
import { recordingFormatOf } from '../extensions/recordings.ts';
import { readWholeFile } from '../regular-file.ts';
import { readCsv } from '../simulate/csv.ts';
import { readNpy } from '../simulate/npy.ts';
import { readRecordedInput } from '../simulate/recorded-input.ts';
import type { CommandArguments, OptionDeclaration } from './command.ts';
import { inFile } from './model-argument.ts';

export const sampleOption: OptionDeclaration = {
  type: 'string',
  value: '<n>',
  doc: 'number of the sample in a file of recorded signals, such as .nirdata, counted from 0 (default 0)',
};

/** By the ending of a file; each refuses what takes more than so many bytes of memory. */
type Readers<Content> = Readonly<Record<string, (bytes: Buffer, memory: number) => Content>>;

/** Bytes of a number and of the event that it becomes. */
const BYTES_OF_NUMBER = 32;
/** Bytes of memory for each of a recording's own. */
const BYTES_OF_BYTE = 8;

/** Recordings of event cameras, which run in continuous time where no engine is named. */
const cameras: Readers<AddressEvents> = {
  '.bin': readNMnist,
  '.dat': readPropheseeDat,
  '.aedat': readAedat,
  '.aedat2': readAedat,
  '.aedat4': readAedat,
};

/** Whether it is neither a camera's nor rows. */
function isRecordings(file: string): boolean {
  return !isCamera(file) && !Object.hasOwn(readers, extname(file).toLowerCase());
}

export function isCamera(file: string): boolean {
  return Object.hasOwn(cameras, extname(file).toLowerCase());
}

/**
 * What the file of `--input` says, in a form that a simulation takes; of recordings of nodes, the one of `--sample`.
 */
export async function readInputFile(
  args: CommandArguments,
  graph: ResolvedGraph,
  { memory, warn }: InputOptions,
): Promise<unknown> {
  const file = args.text('input')!;
  const read = (isCamera(file) ? cameras : readers)[extname(file).toLowerCase()];
  if (read !== undefined) refuseSample(args);
  if (read !== undefined) return readInput(file, (bytes) => read(bytes, memory), memory);
  const { format, more } = await recordingFormatOf(file, 'read');
  if (format === undefined)
    throw new SpikewireError(
      'usage',
      file,
      'has an unknown extension',
      `.json, .npy, .csv, .bin, .dat, .aedat, .aedat4; ${more}`,
    );
  const sample = args.number('sample', { minimum: 0, whole: true }) ?? 0;
  return readInput(file, (bytes) => readRecordedInput(format, bytes, graph, { sample, memory, warn }), memory);
}

function refuseSample(args: CommandArguments): void {
  if (args.text('sample') === undefined) return;
  throw new SpikewireError(
    'usage',
    '--sample',
    'chooses a sample of a file of recorded signals',
    'an --input with such samples',
  );
}

interface InputOptions {
  readonly memory: number;
  warn(line: string): void;
}

/** The content of an input file; what is wrong with it comes with the file's name in front. */
async function readInput<Content>(
  file: string,
  read: (bytes: Buffer) => Content | Promise<Content>,
  memory: number,
): Promise<Content> {
  const bytes = await readWholeFile(file, Math.floor(memory / BYTES_OF_BYTE), 'an input file');
  try {
    return await read(bytes);
  } catch (cause) {
    const isAsItIs = cause instanceof SpikewireError && isRecordings(file);
    if (isAsItIs || (cause instanceof SpikewireError && cause.code === 'budget')) throw inFile(file, cause);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpikewireError('file', file, `cannot be read (${reason})`, undefined, cause);
  }
}

const readers: Readers<unknown> = {
  '.json': (bytes, memory) => {
    checkJsonMemory('input', bytes, memory);
    return JSON.parse(bytes.toString('utf8'));
  },
  '.npy': (bytes, memory) => readNpy(bytes, Math.floor(memory / BYTES_OF_NUMBER)),
  '.csv': (bytes, memory) => readCsv(bytes.toString('utf8'), Math.floor(memory / BYTES_OF_NUMBER)),
};
