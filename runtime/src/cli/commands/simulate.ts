import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { resolveGraph, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from '../../address-events/address-events.ts';
import { engineOf, executorSourceOf } from '../../executor/address.ts';
import { recordingFormatOf } from '../../extensions/recordings.ts';
import { unwritableFile } from '../../file-problem.ts';
import { checkRecordedNodes, parseRecordRequests } from '../../simulate/recording.ts';
import { runRecording } from '../../simulate/run-recording.ts';
import { type SimulationOutput, simulateInTurns } from '../../simulate/simulate.ts';
import { type EventSimulation, simulateEvents } from '../../simulate/simulate-events.ts';
import { simulateOn } from '../../simulate/simulate-on.ts';
import type { Command, CommandArguments } from '../command.ts';
import { deviceListing, deviceOptions, splitOf } from '../device-option.ts';
import { isCamera, readInputFile, sampleOption } from '../input-file.ts';
import { inFile, memoryOf, memoryOption, modelArgument, openModel } from '../model-argument.ts';

/** `spikewire simulate`: everything that a model does over an input, as JSON. */
export const command: Command = {
  name: 'simulate',
  summary: 'run a model on an input file and record its inner values: spikes, membrane potentials, weights',
  group: 'Models',
  examples: ['cell.json --input current.json --record spikes,v:lif'],
  positionals: [modelArgument],
  options: {
    input: {
      type: 'string',
      value: '<file>',
      doc:
        'input file (required): events or rows (.json, .npy, .csv); recorded signals (.nirdata, .nir, .h5; these ' +
        'need the package @spikewire/exchange); or a recording of an event camera (.aedat, .aedat4, .bin, .dat), ' +
        'which is computed in continuous time, without time steps, unless --device names an engine',
    },
    sample: sampleOption,
    ...deviceOptions,
    device: {
      ...deviceOptions.device,
      doc: `${deviceOptions.device.doc} (default: reference; for an event camera: no engine)`,
    },
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
      doc: 'file to write: JSON, or .nirdata, which needs the package @spikewire/exchange (default: JSON to stdout)',
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
    checkRecordedNodes(record, graph);
    const warn = (line: string) => console.warn(`warning: ${line}`);
    for (const line of graph.warnings) warn(line);
    const options = { record, seed, warn, learn: args.flag('learn'), ...(last === undefined ? {} : { last }) };
    const out = args.text('out');
    const kept = out === undefined || isJson(out) ? undefined : (await recordingFormatOf(out, 'write')).format;
    const input = await readInputFile(args, graph, { memory, warn });
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
  const problem = 'needs time steps, but the recording of an event camera is computed in continuous time';
  throw new SpikewireError(
    'usage',
    `spikewire simulate ${option}`,
    problem,
    '--device <engine>, which computes it in steps',
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

function isJson(file: string): boolean {
  return extname(file).toLowerCase() === '.json';
}

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
