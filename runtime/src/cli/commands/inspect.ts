import { join } from 'node:path';
import type { Executor, PlacedNode, Placement } from '@spikewire/engine/executor';
import type { Model } from '@spikewire/models';
import type { CostComparison, InferenceCost } from '../../inspect/inference-cost.ts';
import type { Inspection, NodeReport } from '../../inspect/inspect.ts';
import type { StateInspection } from '../../inspect/inspect-state.ts';
import type { NeuronReport, ParameterReport } from '../../inspect/neuron-report.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';
import { deviceListing, deviceOptions, splitOf } from '../device-option.ts';
import { advisingFor, forOption, inspectForBoards } from '../for-boards.ts';
import { memoryOf, memoryOption, modelArgument } from '../model-argument.ts';
import { formatTable } from '../table.ts';

/** Whose memory is counted where nothing else is asked for. */
const DEFAULT_DEVICE = 'clocked';

/** `spikewire inspect`: what a model is and costs. */
export const command: Command = {
  name: 'inspect',
  summary: 'show a model (parts, parameters, memory), or how learning has changed a net in a store',
  group: 'Models',
  positionals: [
    {
      ...modelArgument,
      doc:
        `${modelArgument.doc}; or a saved net: a file *.slot in the folder of run --store, such as ` +
        'learned/kitchen/a.slot',
    },
  ],
  options: {
    ...deviceOptions,
    device: {
      ...deviceOptions.device,
      doc:
        'check whether the model fits on this engine or attached board, ' +
        'and list each part of the model that does not fit (default clocked)',
    },
    for: forOption,
    data: {
      type: 'string',
      value: '<name[:path]>',
      doc: 'count how often the neurons spike on these samples, such as csv:FILE',
    },
    memory: memoryOption,
    limit: { type: 'string', value: '<n>', doc: 'with --data: only the first n samples', default: '1000' },
  },
  listing: deviceListing,

  async run(args, console) {
    const memory = memoryOf(args);
    await refuseFolder(args.positionals[0]!);
    const boards = args.text('for');
    if (boards !== undefined) return inspectForBoards(boards, args, console, memory);
    const state = await savedState(args.positionals[0]!, memory);
    if (state !== undefined) {
      console.result(state, () => formatState(args.positionals[0]!, state));
      return;
    }
    const [
      { modelDigest, SpikewireError },
      { engineOf, executorSourceOf },
      { describeAbilities, placementOn, splitOffer },
      { inspect },
      { aboutFile, openModel },
    ] = await Promise.all([
      import('@spikewire/models'),
      import('../../executor/address.ts'),
      import('@spikewire/engine/executor'),
      import('../../inspect/inspect.ts'),
      import('../model-argument.ts'),
    ]);
    const device = args.text('device') ?? DEFAULT_DEVICE;
    // A board counts no bytes of this machine: those are then the engine's that would run the net here.
    const advising = async (problem: unknown): Promise<never> => {
      throw await advisingFor(device, problem);
    };
    const engine = await engineOf(device.includes(':') ? DEFAULT_DEVICE : device).catch(advising);
    const path = args.positionals[0]!;
    const { bytes, model } = await openModel(path, console, memory);
    const { signal } = console;
    const source = await executorSourceOf(device, { memory, signal, ...splitOf(args) }).catch(advising);
    try {
      const { abilities } = source;
      const asked = args.text('device') === undefined ? undefined : await placementOn(source, model);
      const place = asked && { placement: asked, abilities };
      if (place?.placement.fits === false) {
        console.result(place, () => formatPlacement(path, place.placement, describeAbilities(abilities)));
        const offer = args.flag('split') ? undefined : await splitOffer(model, source, '--split');
        const expected = `a device with more abilities, or another model${offer === undefined ? '' : `; ${offer}`}`;
        throw new SpikewireError('unsupported', path, `does not fit on ${device}`, expected);
      }
      const activity = await measure(model, () => source.open(bytes), args, console);
      const options = { fileBytes: bytes.length, digest: modelDigest(model), engine, signal, ...activity };
      const inspection = await aboutFile(path, () => inspect(model, options));
      console.result({ ...inspection, ...place }, () => [
        ...format(path, inspection),
        ...(place
          ? ['', ...formatPlaces(place.placement.nodes), `${source.name}: ${describeAbilities(abilities)}`]
          : []),
      ]);
    } finally {
      await source.close();
    }
  },
};

/** Saved nets that an error names. */
const SHOWN = 4;

/** Throws `file` for a folder, with the files in it that can be inspected where it is one of a store. */
async function refuseFolder(path: string): Promise<void> {
  const [{ stat }, { stateFiles }, { SpikewireError }] = await Promise.all([
    import('node:fs/promises'),
    import('../../store/read-stores.ts'),
    import('@spikewire/models'),
  ]);
  const found = await stat(path).catch(() => undefined); // whoever reads it says what is wrong with it
  if (found?.isDirectory() !== true) return;
  const states = (await stateFiles(path, SHOWN)).map((name) => join(path, name));
  const expected = states.length === 0 ? 'a model file' : `a saved net in it, such as ${states.join(' or ')}`;
  throw new SpikewireError('file', path, 'is a folder', expected);
}

/**
 * What a file holds as a state; undefined where it holds none, or cannot be read, which is said where it is read as a
 * model.
 */
async function savedState(path: string, memory: number): Promise<StateInspection | undefined> {
  const [{ readWholeFile }, { inspectState }, { aboutFile }] = await Promise.all([
    import('../../regular-file.ts'),
    import('../../inspect/inspect-state.ts'),
    import('../model-argument.ts'),
  ]);
  const bytes = await readWholeFile(path, memory, 'a state').catch(() => undefined);
  return bytes && aboutFile(path, () => inspectState(bytes));
}

function formatState(
  path: string,
  { save, version, engine, model, step, readings, learned }: StateInspection,
): string[] {
  const rows = (learned ?? []).map(({ connection, weights, format, lowest, highest }) => [
    connection,
    String(weights),
    format,
    rangeOf([lowest, highest].map(shortNumber)),
  ]);
  return [
    `${path}: a saved net: file format ${version}${save === undefined ? '' : `, save ${save}`}, engine ${engine}, ` +
      `after ${counted(step, 'time step')}`,
    ...(readings === undefined ? [] : [`readings  ${readings}`]),
    `model     ${model}`,
    '',
    ...(learned === undefined
      ? ['only that engine can read the learned weights']
      : formatTable(['learned', 'weights', 'format', 'range'], rows)),
  ];
}

/** The activity on the samples of `--data`, where the net is to run. */
async function measure(model: Model, open: () => Promise<Executor>, args: CommandArguments, console: CommandConsole) {
  const data = args.text('data');
  const limit = args.number('limit', { minimum: 1, whole: true })!;
  if (data === undefined) return {};
  const [{ loadDataSet }, { evaluate }] = await Promise.all([
    import('../../data/data-sources.ts'),
    import('../../data/evaluate.ts'),
  ]);
  const activity = await evaluate(model, await open(), await loadDataSet(data), {
    limit,
    signal: console.signal,
    onProgress: (done, of) => console.progress(`${done} of ${of} samples`),
  });
  return { activity };
}

function formatPlacement(path: string, { executor, nodes, problems }: Placement, abilities: string): string[] {
  const lines = nodes.map(({ name, type, problem }) => [name, type, problem ?? 'fits']);
  const table = formatTable(['node', 'type', ''], lines);
  return [`${path} on ${executor}:`, ...problems, '', ...table, '', `${executor}: ${abilities}`];
}

/** Where each node lies, and why, where there is more than one place. */
function formatPlaces(nodes: readonly PlacedNode[]): string[] {
  if (nodes.every(({ on }) => on === undefined)) return [];
  const rows = nodes.map(({ name, type, on = '', because = '' }) => [name, type, on, because]);
  return [...formatTable(['node', 'type', 'on', 'not on the board because'], rows), ''];
}

function format(path: string, inspection: Inspection): string[] {
  const { neurons, synapses, weights, bits, dt, steps, rest } = inspection;
  return [
    `${path}: ${counted(neurons, 'neuron')}, ${counted(synapses, 'synapse')}, ` +
      `${counted(weights, 'weight')} of ${bits} bits`,
    `a sample is ${counted(steps, 'step')} of ${milliseconds(dt)} ms` +
      `${rest > 0 ? ` after a rest of ${counted(rest, 'step')}` : ''}`,
    '',
    ...formatTable(['node', 'type', 'shape', 'neurons', 'synapses', 'weights', ''], inspection.nodes.map(nodeRow)),
    '',
    ...formatNeurons(inspection.nodes),
    `edges     ${inspection.edges.map(formatEdge).join(', ')}`,
    ...formatUse(inspection),
    ...inspection.learned.map(
      ({ name, rules, weights: count, storage }) =>
        `learns    ${name} by ${rules.join(', ')}: ${count} weights in ${storage}`,
    ),
    `flash     ${inspection.fileBytes} bytes`,
    ...formatMemory(inspection),
    `work      at most ${inspection.synapticOperationsAtMost} synaptic operations a sample, ` +
      'if every neuron spiked in every step',
    ...formatWorkBeside(inspection.cost),
    ...formatCost(inspection.cost),
    `tests     ${formatSelfTests(inspection)}`,
    `digest    ${inspection.digest}`,
    ...inspection.warnings.map((line) => `warning   ${line}`),
    ...formatCard(inspection.provenance),
  ];
}

/** What takes memory, and what comes later. */
function formatMemory({ memoryBytes, memory, engine }: Inspection): string[] {
  const { net, features, encoders, readOut, lessons, monitors, undo } = memory;
  const named = { net, features, encoders, 'read-out': readOut, 'windows and lessons': lessons, monitors };
  const parts = Object.entries(named).flatMap(([name, bytes]) => (bytes === 0 ? [] : [`${name} ${bytes}`]));
  return [
    `memory    ${memoryBytes} bytes on ${engine}${parts.length > 1 ? `: ${parts.join(', ')}` : ''}`,
    ...(undo === 0 ? [] : [`          and ${undo} from the first lesson on, for undoing the last lesson`]),
  ];
}

/** What features and a read-out that can be taught compute beside the net. */
function formatWorkBeside({ dense: { features, readOut }, lesson }: CostComparison): string[] {
  const count = (operations: number) => counted(Math.round(operations), 'multiply-add');
  return [
    ...(features === 0 ? [] : [`          features: about ${count(features)} a sample`]),
    ...(lesson === undefined
      ? []
      : [
          `          read-out: ${count(readOut)} an answer; ${count(lesson.operations)} a lesson, ` +
            `about ${shortNumber(lesson.nanojoules)} nJ`,
        ]),
  ];
}

function formatSelfTests({ selfTests, selfTestsRun, selfTestFailure, engine }: Inspection): string {
  const count = counted(selfTests, 'self-test vector');
  if (selfTestFailure !== undefined) return `${count}, FAILED: ${selfTestFailure}`;
  if (selfTests === 0) return count;
  return selfTestsRun === 0 ? `${count}, which do not apply to ${engine}` : `${count}, passed on ${engine}`;
}

function nodeRow({ name, type, shape, neurons, synapses, weights, precision, learns }: NodeReport): string[] {
  const count = (value: number) => (value === 0 ? '' : String(value));
  const notes = [
    ...(precision === undefined
      ? []
      : [`M ${precision.membraneBits}, F ${precision.fraction}, u ${rangeOf(precision.scale.map(shortNumber))}`]),
    ...(learns.length === 0 ? [] : [`learns: ${learns.join(', ')}`]),
  ];
  return [name, type, `[${shape.join(', ')}]`, count(neurons), count(synapses), count(weights), notes.join('; ')];
}

/** What each population computes with, a line each. */
function formatNeurons(nodes: readonly NodeReport[]): string[] {
  return nodes.flatMap(({ name, neuron }) => {
    if (neuron === undefined) return [];
    const parameters = Object.entries(neuron.parameters).map(([key, value]) => `${key} ${formatParameter(value)}`);
    return [`neurons   ${name}: ${[...parameters, ...formatSemantics(neuron.semantics)].join(', ')}`];
  });
}

function formatParameter(parameter: ParameterReport): string {
  if ('word' in parameter) return parameter.word;
  const { minimum, maximum, unit } = parameter;
  const range = rangeOf([minimum, maximum].map((value) => String(Number(value.toPrecision(4)))));
  return unit === undefined ? range : `${range} ${unit}`;
}

function formatSemantics({ integrate, threshold, reset, spikesPerStep }: NeuronReport['semantics']): string[] {
  return [
    `integrated ${integrate}`,
    ...(threshold === undefined ? [] : [`spikes ${threshold === 'gt' ? 'above' : 'at or above'} the threshold`]),
    ...(reset === undefined ? [] : [reset === 'subtract' ? 'reset by subtraction' : 'reset to a value']),
    ...(spikesPerStep === 'many' ? ['many spikes a step'] : []),
  ];
}

function rangeOf(ends: readonly string[]): string {
  return [...new Set(ends)].join('…');
}

function formatEdge({ source, target, delay }: Inspection['edges'][number]): string {
  return `${source} → ${target}${delay > 0 ? ` (${delay} ${delay === 1 ? 'step' : 'steps'} later)` : ''}`;
}

/** What goes in and what comes out, as far as the model says. */
function formatUse({ channels, features, encoders, decoders, labels }: Inspection): string[] {
  const coding = (kinds: Readonly<Record<string, string>>) =>
    Object.entries(kinds)
      .map(([node, type]) => `${node}: ${type}`)
      .join(', ');
  const units = channels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`)).join(', ');
  return [
    ...(channels.length > 0 ? [`channels  ${units}`] : []),
    ...Object.entries(features).map(([node, stages]) => `features  ${node}: ${stages.map(formatStage).join(' → ')}`),
    ...(Object.keys(encoders).length > 0 ? [`encoders  ${coding(encoders)}`] : []),
    ...(Object.keys(decoders).length > 0 ? [`decoders  ${coding(decoders)}`] : []),
    ...(labels.length > 0 ? [`labels    ${labels.join(', ')}`] : []),
  ];
}

function formatStage(stage: string | readonly string[]): string {
  return typeof stage === 'string' ? stage : stage.join(' + ');
}

/** The work of a sample, and the honest comparison. */
function formatCost({ spiking, dense, breakEven }: CostComparison): string[] {
  const describe = ({ operations, bytes, nanojoules }: InferenceCost, operation: string) =>
    `${Math.round(operations)} ${operation}, ${Math.round(bytes)} bytes moved, about ${shortNumber(nanojoules)} nJ`;
  const synaptic = ({ multiplications }: InferenceCost) =>
    multiplications === 0
      ? 'synaptic operations'
      : `synaptic operations (${Math.round(multiplications)} of them multiply graded input)`;
  const equal =
    breakEven === 0
      ? 'the dense net needs less at any activity'
      : `both need the same at ${Math.round(breakEven)} synaptic operations a sample`;
  const beside = `          a dense int8 net of this shape: ${describe(dense, 'multiplications')}`;
  if (spiking === undefined) return [`energy    not measured (--data measures it); ${equal}`, beside];
  const wins = spiking.nanojoules < dense.nanojoules;
  const factor = shortNumber(
    Math.max(spiking.nanojoules, dense.nanojoules) / Math.min(spiking.nanojoules, dense.nanojoules),
  );
  return [
    `energy    a sample as measured: ${describe(spiking, synaptic(spiking))}`,
    beside,
    `          ${wins ? 'the dense' : 'this'} net needs ${factor} times as much; ${equal}`,
  ];
}

function formatCard(provenance: Inspection['provenance']): string[] {
  const entries = Object.entries(provenance);
  if (entries.length === 0) return [];
  const lines = entries.map(([key, value]) => `  ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return ['', 'card', ...lines];
}

function counted(count: number, thing: string): string {
  return `${count} ${count === 1 ? thing : `${thing}s`}`;
}

function milliseconds(seconds: number): number {
  return Number((1000 * seconds).toPrecision(6));
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
