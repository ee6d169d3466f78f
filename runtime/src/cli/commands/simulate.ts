import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { checkJsonMemory, type ResolvedGraph, resolveGraph, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from '../../address-events/address-events.ts';
import { readNMnist } from '../../address-events/n-mnist.ts';
import { readPropheseeDat } from '../../address-events/prophesee-dat.ts';
import { engineOf, executorSourceOf } from '../../executor/address.ts';
import { recordingFormatOf } from '../../extensions/recordings.ts';
import { unwritableFile } from '../../file-problem.ts';
import { readWholeFile } from '../../regular-file.ts';
import { readCsv } from '../../simulate/csv.ts';
import { readNpy } from '../../simulate/npy.ts';
import { readRecordedInput } from '../../simulate/recorded-input.ts';
import { parseRecordRequests } from '../../simulate/recording.ts';
import { runRecording } from '../../simulate/run-recording.ts';
import { type SimulationOutput, simulateInTurns } from '../../simulate/simulate.ts';
import { type EventSimulation, simulateEvents } from '../../simulate/simulate-events.ts';
import { simulateOn } from '../../simulate/simulate-on.ts';
import type { Command, CommandArguments } from '../command.ts';
import { deviceListing, deviceOptions, splitOf } from '../device-option.ts';
import { inFile, memoryOf, memoryOption, modelArgument, openModel } from '../model-argument.ts';

/** `spikewire simulate`: everything that a model does over an input, as JSON. */
export const command: Command = {
  name: 'simulate',
  summary: 'run a model on an input file and record spikes, membranes and weights',
  group: 'Models',
  examples: ['cell.json --input current.json --record spikes,v:lif'],
  positionals: [modelArgument],
  options: {
    input: {
      type: 'string',
      value: '<file>',
      doc:
        'events or rows (.json, .npy, .csv), recordings of nodes (.nirdata, .nir, .h5, with @spikewire/exchange), or a ' +
        'recording of an event camera (.bin, .dat), which is computed in continuous time, without steps, unless ' +
        '--device names an engine (required)',
    },
    sample: { type: 'string', value: '<n>', doc: 'which sample of the recordings of nodes, from 0 (default 0)' },
    ...deviceOptions,
    device: { ...deviceOptions.device, doc: `${deviceOptions.device.doc} (default reference; none for a recording)` },
    learn: { type: 'boolean', doc: 'let learning rules and teaching signals change the weights' },
    record: {
      type: 'string',
      value: '<list>',
      doc: 'comma-separated: spikes, v (membranes), weights; v:NODE for one node',
      default: 'spikes',
    },
    last: { type: 'string', value: '<n>', doc: 'record only the last n steps' },
    memory: memoryOption,
    seed: { type: 'string', value: '<n>', doc: 'random seed', default: '1' },
    out: {
      type: 'string',
      value: '<file>',
      doc: 'file to write: JSON, or .nirdata with @spikewire/exchange (default: JSON to stdout)',
    },
  },
  listing: deviceListing,

  async run(args, console) {
    const [modelFile] = args.positionals;
    const inputFile = args.needed('input', 'an input file');
    const chosen = args.text('device');
    const device = chosen ?? 'reference';
    const continuous = isCamera(inputFile) && chosen === undefined;
    if (continuous) refuseWhatNeedsSteps(args);
    const record = parseRecordRequests(args.text('record')!);
    const seed = args.number('seed', { minimum: 0, whole: true })!;
    const last = args.number('last', { minimum: 1, whole: true });
    const memory = memoryOf(args);
    const { model, bytes } = await openModel(modelFile!, console, memory);
    const graph = resolveGraph(model.graph, model.semantics);
    const warn = (line: string) => console.warn(`warning: ${line}`);
    for (const line of graph.warnings) warn(line);
    const options = { record, seed, warn, learn: args.flag('learn'), ...(last === undefined ? {} : { last }) };
    const out = args.text('out');
    const kept = out === undefined || isJson(out) ? undefined : (await recordingFormatOf(out, 'write')).format;
    const input = await inputOf(args, graph, { memory, warn });
    const { signal } = console;
    const recording = await withFileNames<Recording>({ model: modelFile!, input: inputFile }, signal, async () => {
      if (continuous) return simulateEvents(model, input as AddressEvents, signal);
      if (isHere(device) && !args.flag('split'))
        return simulateInTurns(model, input, { ...options, engine: await engineOf(device) }, signal);
      const source = await executorSourceOf(device, { memory, signal, warn, ...splitOf(args) });
      try {
        return await simulateOn(await source.open(bytes, { seed }), model, input, options, signal);
      } finally {
        await source.close();
      }
    });

    if (out === undefined) {
      console.result(recording, () => JSON.stringify(recording));
      return;
    }
    const content =
      kept === undefined
        ? `${JSON.stringify(recording)}\n`
        : kept.write!(runRecording(recording, graph, `--out ${out}`));
    await writeFile(out, content).catch((cause: unknown) => {
      throw unwritableFile(out, cause);
    });
    console.result({ out, ...summaryOf(recording) }, () => `${out}: ${describe(recording)}`);
  },
};

/** Whether it is an engine of this thread, which alone lets all be seen that a node does. */
function isHere(address: string): boolean {
  return !address.includes(':');
}

/** In continuous time there are no steps to keep or to learn from, and nothing but spikes is recorded. */
function refuseWhatNeedsSteps(args: CommandArguments): void {
  const asked = {
    '--learn': args.flag('learn'),
    '--last': args.text('last') !== undefined,
    [`--record ${args.text('record')}`]: args.text('record') !== 'spikes',
  };
  const [option] = Object.entries(asked).find(([, isAsked]) => isAsked) ?? [];
  if (option === undefined) return;
  const problem = 'needs steps, and the recording of a camera runs in continuous time';
  throw new SpikewireError(
    'usage',
    `spikewire simulate ${option}`,
    problem,
    '--device <engine>, which runs it in steps',
  );
}

/** Puts in front of what is wrong the name of the file that it is wrong in. */
async function withFileNames<Result>(
  files: { readonly model: string; readonly input: string },
  signal: AbortSignal,
  task: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await task();
  } catch (problem) {
    // That somebody stopped it is the fault of neither file.
    if (signal.aborted || !(problem instanceof SpikewireError) || problem.code === 'usage') throw problem;
    throw inFile(problem.code === 'input' ? files.input : files.model, problem);
  }
}

/** By the ending of a file; each refuses what takes more than so many bytes of memory. */
type Readers<Content> = Readonly<Record<string, (bytes: Buffer, memory: number) => Content>>;

/** Bytes of a number and of the event that it becomes. */
const BYTES_OF_NUMBER = 32;
/** Bytes of memory for each of a recording's own. */
const BYTES_OF_BYTE = 8;

/** Recordings of event cameras, which run in continuous time where no engine is named. */
const cameras: Readers<AddressEvents> = { '.bin': readNMnist, '.dat': readPropheseeDat };

/** Whether it is neither a camera's nor rows. */
function isRecordings(file: string): boolean {
  return !isCamera(file) && !Object.hasOwn(readers, extname(file).toLowerCase());
}

function isCamera(file: string): boolean {
  return Object.hasOwn(cameras, extname(file).toLowerCase());
}

function isJson(file: string): boolean {
  return extname(file).toLowerCase() === '.json';
}

/** What the input file says, in a form that a simulation takes. */
async function inputOf(args: CommandArguments, graph: ResolvedGraph, { memory, warn }: InputOptions): Promise<unknown> {
  const file = args.text('input')!;
  const read = (isCamera(file) ? cameras : readers)[extname(file).toLowerCase()];
  if (read !== undefined) refuseSample(args);
  if (read !== undefined) return readInput(file, (bytes) => read(bytes, memory), memory);
  const { format, more } = await recordingFormatOf(file, 'read');
  if (format === undefined)
    throw new SpikewireError('usage', file, 'has an unknown ending', `.json, .npy, .csv, .bin, .dat; ${more}`);
  const sample = args.number('sample', { minimum: 0, whole: true }) ?? 0;
  return readInput(file, (bytes) => readRecordedInput(format, bytes, graph, { sample, memory, warn }), memory);
}

function refuseSample(args: CommandArguments): void {
  if (args.text('sample') === undefined) return;
  const where = 'spikewire simulate --sample';
  throw new SpikewireError('usage', where, 'chooses from recordings of nodes', 'an --input that holds samples of them');
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

type Recording = SimulationOutput | EventSimulation;

function summaryOf({ spikes, counters, ...recording }: Recording) {
  const events = Object.fromEntries(Object.entries(spikes).map(([node, list]) => [node, list.length]));
  const length = 'steps' in recording ? { steps: recording.steps } : { seconds: recording.seconds };
  return { ...length, events, counters };
}

function describe({ counters, ...recording }: Recording): string {
  const length = 'steps' in recording ? `${recording.steps} steps` : `${recording.seconds} s`;
  return `${length}, ${counters.spikes} spikes, ${counters.synapticOperations} synaptic operations`;
}
