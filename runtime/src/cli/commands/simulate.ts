import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { checkJsonMemory, resolveGraph, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from '../../address-events/address-events.ts';
import { readNMnist } from '../../address-events/n-mnist.ts';
import { readPropheseeDat } from '../../address-events/prophesee-dat.ts';
import { engineOf, executorSourceOf } from '../../executor/address.ts';
import { unwritableFile } from '../../file-problem.ts';
import { readWholeFile } from '../../regular-file.ts';
import { readCsv } from '../../simulate/csv.ts';
import { readNpy } from '../../simulate/npy.ts';
import { parseRecordRequests } from '../../simulate/recording.ts';
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
        'events or rows (.json, .npy, .csv), or a recording of an event camera (.bin, .dat); a recording is computed ' +
        'in continuous time, without steps, unless --device names an engine (required)',
    },
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
    out: { type: 'string', value: '<file>', doc: 'JSON file to write (default: stdout)' },
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
    const { warnings } = resolveGraph(model.graph, model.semantics);
    const warn = (line: string) => console.warn(`warning: ${line}`);
    for (const line of warnings) warn(line);
    const options = { record, seed, warn, learn: args.flag('learn'), ...(last === undefined ? {} : { last }) };
    const input = await readInput(inputFile, isCamera(inputFile) ? cameras : readers, memory);
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

    const out = args.text('out');
    if (out === undefined) {
      console.result(recording, () => JSON.stringify(recording));
      return;
    }
    await writeFile(out, `${JSON.stringify(recording)}\n`).catch((cause: unknown) => {
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

function isCamera(file: string): boolean {
  return Object.hasOwn(cameras, extname(file).toLowerCase());
}

/** The content of an input file; what is wrong with it comes with the file's name in front. */
async function readInput<Content>(file: string, readers: Readers<Content>, memory: number): Promise<Content> {
  const read = readers[extname(file).toLowerCase()];
  if (read === undefined)
    throw new SpikewireError('usage', file, 'has an unknown ending', '.json, .npy, .csv, .bin or .dat');
  const bytes = await readWholeFile(file, Math.floor(memory / BYTES_OF_BYTE), 'an input file');
  try {
    return read(bytes, memory);
  } catch (cause) {
    if (cause instanceof SpikewireError && cause.code === 'budget') throw inFile(file, cause);
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
