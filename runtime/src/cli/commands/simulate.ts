import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { engineNamed } from '../../engine/engines.ts';
import { readCsv } from '../../simulate/csv.ts';
import { readNpy } from '../../simulate/npy.ts';
import { parseRecordRequests } from '../../simulate/recording.ts';
import { type SimulationOutput, simulate } from '../../simulate/simulate.ts';
import type { Command } from '../command.ts';
import { loadModel } from '../model-argument.ts';

/** `spikewire simulate`: everything that a model does over an input, as JSON. */
export const command: Command = {
  name: 'simulate',
  summary: 'run a model over an input file and record spikes, states and weights',
  positionals: [{ name: 'model', doc: 'a .spike file or its text form in JSON' }],
  options: {
    input: { type: 'string', value: '<file>', doc: 'events or rows: .json, .npy or .csv' },
    engine: { type: 'string', value: '<name>', doc: 'which engine runs it', default: 'reference' },
    learn: { type: 'boolean', doc: 'let learning rules and teaching signals change weights' },
    record: { type: 'string', value: '<list>', doc: 'spikes, v, weights, or of one node: v:NODE', default: 'spikes' },
    last: { type: 'string', value: '<steps>', doc: 'keep only what the last steps did' },
    seed: { type: 'string', value: '<number>', doc: 'seed of everything random', default: '1' },
    out: { type: 'string', value: '<file>', doc: 'where the JSON goes; without it, to stdout' },
  },

  async run(args, console) {
    const [modelFile] = args.positionals;
    const inputFile = args.text('input');
    if (inputFile === undefined)
      throw new SpikewireError('usage', 'spikewire simulate', '--input is missing', 'an input file');
    const engine = engineNamed(args.text('engine')!);
    const record = parseRecordRequests(args.text('record')!);
    const seed = args.number('seed', { minimum: 0, whole: true })!;
    const last = args.number('last', { minimum: 1, whole: true });
    const model = await loadModel(modelFile!);
    const recording = simulate(model, await readInput(inputFile), {
      engine,
      record,
      seed,
      learn: args.flag('learn'),
      ...(last === undefined ? {} : { last }),
    });

    const out = args.text('out');
    if (out === undefined) {
      console.result(recording, () => JSON.stringify(recording));
      return;
    }
    await writeFile(out, `${JSON.stringify(recording)}\n`);
    console.result({ out, ...summaryOf(recording) }, () => `${out}: ${describe(recording)}`);
  },
};

/** The content of an input file; what is wrong with it comes with the file's name in front. */
async function readInput(file: string): Promise<unknown> {
  const read = readers[extname(file).toLowerCase()];
  if (read === undefined)
    throw new SpikewireError('usage', file, 'has an ending that says nothing', '.json, .npy or .csv');
  try {
    return read(await readFile(file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpikewireError('file', file, `cannot be read (${reason})`, undefined, cause);
  }
}

const readers: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  '.json': (bytes) => JSON.parse(bytes.toString('utf8')),
  '.npy': readNpy,
  '.csv': (bytes) => readCsv(bytes.toString('utf8')),
};

function summaryOf({ steps, spikes, counters }: SimulationOutput) {
  const events = Object.fromEntries(Object.entries(spikes).map(([node, list]) => [node, list.length]));
  return { steps, events, counters };
}

function describe({ steps, counters }: SimulationOutput): string {
  return `${steps} steps, ${counters.spikes} spikes, ${counters.synapticOperations} synaptic operations`;
}
