import type { DataSet } from '@spikewire/engine/data';
import {
  type CodingDeclaration,
  encoderKindOf,
  type Model,
  type PlainParameters,
  RandomGenerator,
  type Semantics,
  SpikewireError,
} from '@spikewire/models';
import { named, readSpecification } from '../kinds/kind.ts';
import type { Placement } from '../lowering/placed.ts';
import { rangesOf } from '../samples/ranges.ts';
import { netOf } from './architecture.ts';
import { neuronChoices } from './neurons.ts';
import type { netParameters } from './parameters.ts';

/** Length of a step of new nets in seconds; only the ratio to τ matters to them. */
export const DT = 0.001;

/** A model, and what stands in it only while it is trained. */
export interface NewModel {
  readonly model: Model;
  readonly trainingNodes: readonly Placement[];
}

export interface NewModelOptions {
  readonly data: DataSet;
  readonly seed: number;
  /** What the last population hands out. */
  readonly answer: 'spikes' | 'state';
  /** By which the class is decided. */
  readonly decoder?: string | undefined;
  readonly net: PlainParameters<typeof netParameters>;
}

/** A net that has learned nothing yet, for the samples of a set. Throws `usage` for what does not fit them. */
export function newModel({ data, seed, answer, decoder = 'count', net }: NewModelOptions): NewModel {
  if (net.arch === undefined) {
    throw new SpikewireError('usage', 'spikewire train', '--arch is missing', 'layers such as 784-256-10, or --model');
  }
  const semantics = {
    ...{ dt: DT, integrate: net.integrate, threshold: 'gt', reset: net.reset, spikesPerStep: 'one' },
  } as Semantics;
  const encoder = encoderFor(net.encoder, data);
  const kind = encoderKindOf(encoder.type, 'encoder');
  const site = { steps: net.steps, dt: DT, random: new RandomGenerator(seed, 'encoder') };
  const { graph, trainingNodes } = netOf(net.arch, {
    // With one range for all: those of the data are of as many channels as the data has.
    channelsOf: (size) => kind.prepare({ ...encoder.parameters, range: [0, 1] }, { ...site, size }).channels,
    inputShape: data.shape ?? [data.samples[0]!.length],
    frames: data.frames,
    classes: data.targets?.[0]?.length ?? data.classes.length,
    neuron: named('neuron', neuronChoices, net.neuron),
    numbers: net,
    semantics,
    answer,
    seed,
    biases: net.bias === 'yes',
  });
  const model: Model = {
    graph,
    semantics,
    learning: new Map(),
    encoder: new Map([['in', encoder]]),
    decoder: new Map([['out', { type: decoder, parameters: {} }]]),
    channels: [],
    sample: { steps: net.steps, between: 'reset' },
    labels: data.classes,
    provenance: {},
    selfTests: [],
  };
  return { model, trainingNodes };
}

/**
 * An encoder of models with the range of the training samples; direct currents are on [0, 1], those of signals
 * [channels, length] are their samples. Samples in frames are a sequence of so many.
 */
function encoderFor(text: string, data: DataSet): CodingDeclaration {
  const { name, given } = readSpecification(text);
  const { parameters: table } = encoderKindOf(name, 'spikewire train --encoder');
  const { frames } = data;
  if (frames !== undefined && !('frames' in table)) {
    const problem = `takes samples at once, and ${data.name} has ${frames} frames`;
    throw new SpikewireError('usage', `spikewire train --encoder ${name}`, problem, 'sequence');
  }
  const range = rangesOf(data.training ?? data, data);
  const own = {
    ...{ range, ...(frames !== undefined && { frames }) },
    ...('span' in table && { span: 'unit', ...(isSignal(data) && asItIs(range as [number, number])) }),
  };
  return { type: name, parameters: { ...own, ...given } };
}

function isSignal({ shape }: DataSet): boolean {
  return shape?.length === 2;
}

/** As a current in both directions, so that rest is none. */
function asItIs(range: readonly [number, number]) {
  const most = Math.max(...range.map(Math.abs));
  return { span: 'signed', range: [-most, most], gain: most };
}
