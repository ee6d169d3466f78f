import { percent, type Report, type Table } from '@spikewire/exchange/report';
import type { JsonObject } from '@spikewire/models';
import type { Conversion } from '../conversion/convert.ts';
import type { LayerFigures } from '../conversion/layer-figures.ts';
import type { SweepPoint } from '../conversion/sweep.ts';
import { figureOf, type Measure } from '../measures/measure.ts';
import type { Tried } from './choose-conversion.ts';

/** What the columns of the table of layers are, for who has not seen one. */
const LAYERS_NOTE = [
  'T: steps of a sample; λ: the activation that a spike in every step stands for; correlation and concordance: of',
  'rates and activations, 1 where they agree; clipped: activations above λ; below 0: of what arrives; unused: units',
  'that are 0 in the analogue net too; dead: neurons that never spike though their units are used; saturated: that',
  'spike in every step.',
].join(' ');

/** What a conversion came to, for programs and for people; and what else was tried, the best first. */
export function conversionReport(conversion: Conversion, tried: readonly Tried[] = []): Report {
  const { layers } = conversion;
  return {
    document: { ...documentOf(conversion), ...(tried.length > 0 && { tried: tried.map(documentOfTried) }) },
    tables: [
      ...(tried.length > 0 ? [triedTable(tried, conversion.measure)] : []),
      stepsTable(conversion),
      layersTable(conversion),
      remarksTable(conversion),
    ],
    charts: [
      worthChart(conversion),
      ...(layers.length > 1 ? [layersChart(layers)] : []),
      costChart(conversion, 'spikes', 'spikesPerSample'),
      costChart(conversion, 'operations', 'synapticOpsPerSample'),
    ],
  };
}

function documentOf({
  method,
  parameters,
  bits,
  model,
  measure,
  analogue,
  baseline,
  chosen,
  sweep,
  ...found
}: Conversion): JsonObject {
  const { figure } = measure;
  const named = ({ steps, worth, ...point }: SweepPoint) => ({ steps, [figure]: worth, ...point });
  return JSON.parse(
    JSON.stringify({
      method: method.name,
      parameters,
      bits: bits ?? 32,
      encoder: [...model.encoder.values()].map(({ type }) => type),
      ...named(chosen),
      [figureOf('analogue', measure)]: analogue.worth,
      baseline: { name: baseline.name, [figure]: baseline.worth },
      samples: analogue.samples,
      sweep: sweep.map(named),
      ...found,
    }),
  );
}

function documentOfTried({ method, bits, ...found }: Tried): JsonObject {
  return { method: method.name, bits: bits ?? 32, ...found };
}

/** A row for each method, a column for each number of steps. */
function triedTable(tried: readonly Tried[], { words }: Measure): Table {
  const steps = [...new Set(tried.map((each) => each.steps))].sort((a, b) => a - b);
  const methods = [...new Set(tried.map(({ method }) => method))];
  const [best] = tried as readonly [Tried, ...Tried[]];
  const kept = `${best.method.name} with T = ${best.steps}`;
  const form = best.bits === undefined ? '' : `, in ${best.bits} bits`;
  return {
    title: 'Methods',
    note: `${words.compared}, for calibration samples${form}. Kept: ${kept}.`,
    head: ['', ...steps.map((count) => `T = ${count}`)],
    rows: methods.map((method) => [
      method.name,
      ...steps.map((count) => percent(tried.find((each) => each.method === method && each.steps === count)!.agreement)),
    ]),
  };
}

function layersChart(layers: readonly LayerFigures[]): Report['charts'][number] {
  const curve = (name: string, figure: 'correlation' | 'concordance' | 'clipped' | 'dead' | 'saturated') => ({
    name,
    points: layers.map((layer, k) => [k + 1, layer[figure]] as const),
  });
  return {
    title: 'Rates and activations, layer by layer',
    axis: 'layer',
    curves: [
      curve('correlation', 'correlation'),
      curve('concordance of units', 'concordance'),
      curve('clipped share', 'clipped'),
      curve('dead neurons', 'dead'),
      curve('saturated neurons', 'saturated'),
    ],
  };
}

function costChart(
  { sweep }: Conversion,
  name: string,
  figure: 'spikesPerSample' | 'synapticOpsPerSample',
): Report['charts'][number] {
  const points = sweep.map((point) => [point.steps, point[figure]] as const);
  return { title: `Of a sample: ${name}`, axis: 'steps', logarithmic: true, curves: [{ name, points }] };
}

function worthChart({ measure: { words }, sweep, analogue }: Conversion): Report['charts'][number] {
  const ends = [sweep[0]!, sweep.at(-1)!];
  return {
    title: `${words.title} against steps, %`,
    axis: 'steps',
    logarithmic: true,
    curves: [
      { name: 'spiking', points: sweep.map(({ steps, worth }) => [steps, 100 * worth]) },
      { name: 'analogue', points: ends.map(({ steps }) => [steps, 100 * analogue.worth]) },
      { name: words.beside, points: sweep.map(({ steps, agreement }) => [steps, 100 * agreement]) },
    ],
  };
}

function stepsTable({ measure: { words }, sweep, analogue, baseline, method, bits, chosen }: Conversion): Table {
  const found = `the analogue net has ${words.worth(percent(analogue.worth))}`;
  return {
    title: `${words.title} against steps, by ${method.name}${bits === undefined ? '' : ` in ${bits} bits`}`,
    note: `Of ${analogue.samples} samples ${found} (${baseline.name}: ${percent(baseline.worth)}).`,
    head: ['steps', words.column, 'lost, points', words.beside, 'spikes/sample', 'operations/sample'],
    rows: sweep.map((point) => [
      `${point.steps}${point === chosen ? ' (written)' : ''}`,
      percent(point.worth),
      (100 * (analogue.worth - point.worth)).toFixed(2),
      percent(point.agreement),
      point.spikesPerSample.toFixed(1),
      point.synapticOpsPerSample.toFixed(0),
    ]),
  };
}

function layersTable({ layers, layersOn, chosen, analogue }: Conversion): Table {
  const kind = layersOn.part === 'test' ? 'test samples' : 'samples, which also chose λ';
  return {
    title: `Layers at T = ${chosen.steps}`,
    note: `Measured on the first ${layersOn.samples} of ${analogue.samples} ${kind}. ${LAYERS_NOTE}`,
    head: [
      '',
      'neurons',
      'λ',
      'correlation',
      'concordance',
      'clipped',
      'below 0',
      'spikes',
      'unused',
      'dead',
      'saturated',
    ],
    rows: layers.map((layer) => [
      layer.layer,
      String(layer.neurons),
      layer.scale.toPrecision(4),
      layer.correlation.toFixed(4),
      layer.concordance.toFixed(4),
      percent(layer.clipped),
      percent(layer.negative),
      layer.spikesPerSample.toFixed(1),
      percent(layer.unused),
      percent(layer.dead),
      percent(layer.saturated),
    ]),
  };
}

function remarksTable(conversion: Conversion): Table {
  const { notes, advice } = conversion;
  return {
    title: 'Advice',
    head: [''],
    rows: [...warningsOf(conversion), ...advice, ...notes].map((line) => [line]),
  };
}

/** What a person should know before the model is used. */
export function warningsOf(conversion: Conversion): string[] {
  return [...collapseOf(conversion), ...uselessnessOf(conversion)];
}

function collapseOf({ loss, chosen, collapse }: Conversion): string[] {
  if (collapse === undefined) return [];
  const lost = `${(100 * loss).toFixed(1)} points are lost at T = ${chosen.steps}`;
  return [`${lost}; it collapses at ${collapse}, where rates stop to say what activations do`];
}

/** Where a net is worth no more than its baseline: within two standard deviations of what that has by chance. */
function uselessnessOf({ chosen, baseline, analogue, measure: { words } }: Conversion): string[] {
  const p = Math.max(0, Math.min(1, baseline.worth));
  if (chosen.worth > p + 2 * Math.sqrt((p * (1 - p)) / analogue.samples)) return [];
  const own = words.worth(percent(chosen.worth));
  const others = `${baseline.name} has ${percent(baseline.worth)}, the analogue net ${percent(analogue.worth)}`;
  return [`the spiking net has ${own} at T = ${chosen.steps}, no better than what needs no net: ${others}`];
}
