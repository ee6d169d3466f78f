import type { DataSet } from '@spikewire/engine/data';
import type { Model } from '@spikewire/models';
import type { ParameterRecord } from '../kinds/kind.ts';
import { baselineOf, type Judged, type JudgeOptions, judge, type Measure } from '../measures/measure.ts';
import { layersAdvice, percentileAdvice, stepsAdvice } from './advice.ts';
import { type AnalogueNet, habitsOf } from './analogue/analogue-net.ts';
import { type Bits, inForm, type MembraneBits } from './integer-form.ts';
import { LAYER_SAMPLES, type LayerFigures, layerFigures } from './layer-figures.ts';
import { withLessons } from './lessons.ts';
import type { ConversionMethod, ConversionSite } from './method.ts';
import { spikingModel } from './spiking-model.ts';
import { type SweepPoint, sweepPoint } from './sweep.ts';

/** How much less than the analogue net's worth is a warning, and names the layer. */
const WORTH_A_WARNING = 0.02;

export interface ConvertOptions extends Pick<JudgeOptions, 'onProgress'> {
  readonly method: ConversionMethod;
  readonly parameters: ParameterRecord;
  /** Its samples tell what the conversion costs. */
  readonly data: DataSet;
  /** Steps that are tried besides those of the site. */
  readonly sweep: readonly number[];
  /** Of the form that is judged, and comes out. */
  readonly bits?: Bits;
  /** Of its membranes, where it is an integer one; absent: 32. */
  readonly membraneBits?: MembraneBits;
  /** Rejects where the model has no room, before its worth is found out, which takes long. */
  readonly expectFit?: (model: Model) => Promise<void>;
  /** Learning rate at which lessons teach its last layer; absent: they teach nothing. */
  readonly lessons?: number;
  readonly onStage?: (line: string) => void;
}

/** A net that was converted, and what became of it. */
export interface Conversion {
  readonly method: ConversionMethod;
  readonly parameters: ParameterRecord;
  readonly bits?: Bits;
  /** Of its membranes, where it is an integer one. */
  readonly membraneBits: MembraneBits;
  readonly model: Model;
  readonly measure: Measure;
  /** What the analogue net is worth on the samples. */
  readonly analogue: Pick<Judged, 'samples' | 'worth'>;
  /** What needs no net is worth. */
  readonly baseline: ReturnType<typeof baselineOf>;
  /** With the steps of the model. */
  readonly chosen: SweepPoint;
  /** Fewest steps first. */
  readonly sweep: readonly SweepPoint[];
  readonly layers: readonly LayerFigures[];
  /** How many samples the figures of layers are of, the first ones, and whether these also chose λ. */
  readonly layersOn: { readonly samples: number; readonly part: 'test' | 'calibration' };
  /** Worth of the analogue net less that of the spiking one. */
  readonly loss: number;
  /** Where more than a little was lost: the layer whose rates say least of what the layer before them still says. */
  readonly collapse?: string;
  /** What of the net the method's source does not have. */
  readonly notes: readonly string[];
  readonly advice: readonly string[];
}

/**
 * Converts an analogue net: the method's balance, the spiking model, and what it comes to with more and more steps
 * beside the analogue one, on the engine of devices.
 */
export async function convert(site: ConversionSite, options: ConvertOptions): Promise<Conversion> {
  const { net, backend, activations, measure, steps, inputs, samples, signal } = site;
  const { method, parameters, data, bits, membraneBits = 32, lessons, onStage, onProgress } = options;
  const judging = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  onStage?.('balance');
  const balance = await method.balance(site, parameters);
  onStage?.('analogue net');
  const known = await judge(measure, net.model, data, judging);
  const formOf = (count: number) => {
    const spiking = spikingModel(net, balance, count, inputs);
    return inForm(lessons === undefined ? spiking : withLessons(spiking, lessons), samples, bits, membraneBits);
  };
  const model = formOf(steps);
  await options.expectFit?.(model);
  const sweep: SweepPoint[] = [];
  for (const count of [...new Set([...options.sweep, steps])].sort((a, b) => a - b)) {
    onStage?.(`T = ${count}`);
    sweep.push(await sweepPoint(measure, formOf(count), data, known, judging));
  }
  onStage?.('layers');
  const layers = await layerFigures(net, model, balance, data.samples, { backend, signal });
  const chosen = sweep.find((point) => point.steps === steps)!;
  const loss = known.worth - chosen.worth;
  return {
    method,
    parameters,
    bits,
    membraneBits,
    model,
    measure,
    analogue: { samples: known.samples, worth: known.worth },
    baseline: baselineOf(measure, data),
    chosen,
    sweep,
    layers,
    layersOn: {
      samples: Math.min(LAYER_SAMPLES, data.samples.length),
      part: data.training === undefined ? 'calibration' : 'test',
    },
    loss,
    ...(loss > WORTH_A_WARNING && { collapse: collapsing(layers) }),
    notes: notesOf(net, method),
    advice: [
      stepsAdvice(sweep, measure),
      ...('percentile' in method.parameters ? [percentileAdvice(activations, steps, balance.start)] : []),
      ...layersAdvice(layers),
    ],
  };
}

/** The layer at which rates and activations cease most to agree. */
function collapsing(layers: readonly LayerFigures[]): string {
  const falls = layers.map(({ concordance }, k) => (layers[k - 1]?.concordance ?? 1) - concordance);
  return layers[falls.indexOf(Math.max(...falls))]!.layer;
}

function notesOf(net: AnalogueNet, { without = [], source, note }: ConversionMethod): string[] {
  const { biases, maxima } = habitsOf(net);
  const isForeign = (habit: 'biases' | 'maxima') => without.includes(habit);
  const none = `nets of ${source} have none`;
  return [
    ...(note !== undefined ? [note(net.model.provenance)] : []),
    ...(biases.length > 0 && isForeign('biases') ? [`${biases.join(', ')}: biases are constant current; ${none}`] : []),
    ...(maxima.length > 0
      ? [`${maxima.join(', ')}: the element with most spikes so far passes; means need fewer steps`]
      : []),
    ...(maxima.length > 0 && isForeign('maxima') ? [`maxima: ${none}`] : []),
  ];
}
