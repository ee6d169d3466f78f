import type { Budget } from '../../check/budget.ts';
import { checkModel } from '../../check/check.ts';
import { defaultSemantics, parseSemantics } from '../../graph/semantics.ts';
import type { ChannelDeclaration, CodingDeclaration, FeatureStage, Model, SamplePlan } from '../../model/model.ts';
import { candidates } from '../../printable.ts';
import type { Tensor } from '../../tensor.ts';
import { formatGraph, parseGraph } from './graph.ts';
import { MAXIMUM_HEADER_BYTES } from './header.ts';
import { withIntegerWeights } from './integer-weights.ts';
import { formatJsonTree, type JsonTree, parseJsonTree } from './json-tree.ts';
import { formatLearning, parseLearning } from './learning.ts';
import { formatMonitors, parseMonitors } from './monitors.ts';
import { parseTensor, TensorSource } from './numbers.ts';
import { Place } from './place.ts';
import { formatQuantization, parseByNode, parseQuantization } from './quantization.ts';
import { formatSelfTest, parseSelfTest } from './self-tests.ts';
import { DocumentWriter } from './writer.ts';

const KEYS = [
  ...['nodes', 'edges', 'semantics', 'learning', 'features', 'encoder', 'decoder', 'base', 'channels', 'sample'],
  ...['monitor', 'labels', 'quantization', 'provenance', 'selfTests'],
];

/** Written even if they are empty. */
const ALWAYS = ['nodes', 'edges'];

/** Width of the lines of the text form. */
const LINE_WIDTH = 120;
/** What the header of the model's file could not hold; numbers have their place outside of it. */
const BOUNDS = { characters: MAXIMUM_HEADER_BYTES };
const MAXIMUM_SAMPLE_STEPS = 2 ** 31 - 1;

/** A net that is not told how long a sample lasts gets a new one in every step and is never reset. */
export const defaultSample: SamplePlan = { steps: 1, between: 'continue' };

export interface ParseModelOptions {
  /** What `{"tensor": "name"}` in the text refers to. */
  readonly tensors?: ReadonlyMap<string, Tensor>;
  /** `false` leaves out the checks of what the text means (shapes, names, ranges), for tools that repair models. */
  readonly check?: boolean;
  /** What the model may take at most. */
  readonly budget?: Partial<Budget>;
}

/**
 * Reads the text form of a model (docs/semantics.md §6): JSON text, or an object from one. Unknown keys anywhere are
 * errors. Throws `file` where the text is no JSON, `graph` or `parameter` where it is no model; the line names the
 * place (`nodes.lif.tau[3]`).
 */
export function parseModel(source: unknown, options: ParseModelOptions = {}): Model {
  const document = new Place(typeof source === 'string' ? parseJsonTree(source, 'model', BOUNDS) : source);
  const tensors = new TensorSource(options.tensors ?? new Map());
  const members = document.object(KEYS);
  const semantics = members.get('semantics');
  const features = members.get('features');
  const base = members.get('base');
  const monitor = members.get('monitor');
  const quantization = members.get('quantization');
  const sample = members.get('sample');
  const model: Model = {
    graph: parseGraph(document, members, tensors),
    semantics: { ...defaultSemantics, ...(semantics && parseSemantics(semantics.jsonObject(), semantics.path)) },
    learning: parseByNode(members.get('learning'), parseLearning),
    ...(features && { features: parseByNode(features, (chain) => chain.list(parseFeatureStage)) }),
    encoder: parseByNode(members.get('encoder'), parseCoding),
    decoder: parseByNode(members.get('decoder'), parseCoding),
    ...(base && { base: parseByNode(base, (known) => parseByNode(known, (values) => parseTensor(values, tensors))) }),
    channels: members.get('channels')?.list(parseChannel) ?? [],
    sample: sample === undefined ? defaultSample : parseSample(sample),
    ...(monitor && { monitors: parseMonitors(monitor) }),
    labels: members.get('labels')?.list((label) => label.text()) ?? [],
    ...(quantization && { quantization: parseQuantization(quantization, tensors) }),
    provenance: members.get('provenance')?.jsonObject() ?? {},
    selfTests: members.get('selfTests')?.list((test) => parseSelfTest(test, tensors)) ?? [],
  };
  if (tensors.unused.size > 0)
    document.fail(`does not use tensor ${candidates(tensors.unused)}`, 'no tensor to be left');
  const whole = withIntegerWeights(model);
  if (options.check !== false) checkModel(whole, options.budget);
  return whole;
}

function parseCoding(place: Place): CodingDeclaration {
  const { type: _type, ...parameters } = place.jsonObject();
  return { type: place.need(place.members(), 'type', '"type": "…"').name(), parameters };
}

function parseFeatureStage(place: Place): FeatureStage {
  return Array.isArray(place.value) ? place.list(parseCoding) : parseCoding(place);
}

function parseChannel(place: Place): ChannelDeclaration {
  const members = place.object(['name', 'unit']);
  return {
    name: place.need(members, 'name', '"name": "…"').name(),
    unit: members.get('unit')?.text() ?? '',
  };
}

function parseSample(place: Place): SamplePlan {
  const members = place.object(['steps', 'rest', 'between', 'zeros']);
  const steps = place.need(members, 'steps', 'a number of steps').integer(1, MAXIMUM_SAMPLE_STEPS);
  const rest = members.get('rest')?.integer(0, MAXIMUM_SAMPLE_STEPS - steps) ?? 0;
  const zeros = members.get('zeros')?.choice(['never']);
  return {
    steps,
    ...(rest > 0 && { rest }),
    between: place.need(members, 'between', '"reset" or "continue"').choice(['reset', 'continue']),
    ...(zeros !== undefined && { zeros }),
  };
}

export interface FormatModelOptions {
  /**
   * `inline` (default): all numbers stand in the text, to be read by people; number formats are lost, int8 weights are
   * not. `apart`: what is longer than a few float64 is put aside as tensors, and nothing is lost.
   */
  readonly tensors?: 'inline' | 'apart';
}

/**
 * Writes a model as JSON text, and the tensors that it refers to. What `parseModel` reads from both is the same model.
 */
export function formatModel(
  model: Model,
  options: FormatModelOptions = {},
): { json: string; tensors: ReadonlyMap<string, Tensor> } {
  const inline = options.tensors !== 'apart';
  const writer = new DocumentWriter(inline);
  const json = formatJsonTree(modelTree(model, writer), inline ? LINE_WIDTH : undefined);
  return { json, tensors: writer.tensors };
}

function modelTree(model: Model, writer: DocumentWriter): JsonTree {
  const { features, base, sample, monitors, quantization } = model;
  const whole = writer.members({
    ...formatGraph(model.graph, writer),
    semantics: writer.members({ ...model.semantics }),
    learning: writer.byNode(model.learning, (rules) => formatLearning(rules, writer)),
    features: features && writer.byNode(features, (chain) => chain.map((stage) => formatFeatureStage(stage, writer))),
    encoder: writer.byNode(model.encoder, (coding) => formatCoding(coding, writer)),
    decoder: writer.byNode(model.decoder, (coding) => formatCoding(coding, writer)),
    base: base && writer.byNode(base, (known, output) => formatBase(known, output, writer)),
    channels: model.channels.map(({ name, unit }) => writer.members({ name, unit: unit === '' ? undefined : unit })),
    sample: writer.members({ ...sample, rest: sample.rest || undefined }),
    monitor: monitors && formatMonitors(monitors, writer),
    labels: model.labels,
    quantization: quantization && formatQuantization(quantization, writer),
    provenance: writer.json(model.provenance, 'provenance'),
    selfTests: model.selfTests.map((test, index) => formatSelfTest(test, index, writer)),
  });
  return new Map([...whole].filter(([key, member]) => ALWAYS.includes(key) || !isEmpty(member)));
}

function isEmpty(member: JsonTree): boolean {
  return (Array.isArray(member) && member.length === 0) || (member instanceof Map && member.size === 0);
}

function formatCoding({ type, parameters }: CodingDeclaration, writer: DocumentWriter): JsonTree {
  return new Map([['type', type], ...writer.json(parameters, type)]);
}

function formatBase(known: ReadonlyMap<string, Tensor>, output: string, writer: DocumentWriter): JsonTree {
  return writer.byNode(known, (values, name) => writer.tensor(values, `base.${output}.${name}`));
}

function formatFeatureStage(stage: FeatureStage, writer: DocumentWriter): JsonTree {
  if ('type' in stage) return formatCoding(stage, writer);
  return stage.map((feature) => formatCoding(feature, writer));
}
