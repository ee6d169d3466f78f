import type { Edge, GraphNode } from '../graph/graph.ts';
import { defaultSemantics } from '../graph/semantics.ts';
import type { ChannelDeclaration, JsonObject, Model } from '../model/model.ts';
import { nextReading } from '../monitoring/deviation/next-reading.ts';
import { RandomGenerator } from '../random/generator.ts';
import { tensor } from '../tensor.ts';
import { type Ensemble, ensemble } from './ensemble.ts';
import { drawInBall } from './sphere.ts';

export interface NextReadingOptions {
  /** What a reading holds. */
  readonly channels: readonly ChannelDeclaration[];
  readonly neurons?: number;
  /** Readings that set the channels' ranges. Default 300. */
  readonly rangeWarmUp?: number;
  /** Parameters of its monitor. */
  readonly monitor?: JsonObject;
  /** Share of the prediction error that one reading corrects. Default 0.02. */
  readonly correction?: number;
  readonly seed?: number;
}

/**
 * The headroom with which it is quantised: what the range of the warm-up does not cover the decoders must, and the
 * weather outside moves a sensor by fifteen times the range of its first 25 minutes.
 */
export const NEXT_READING_HEADROOM = 32;

/** Seconds. The low-pass forgets most of the last reading within the 50 steps of a sample. */
const STEP = 0.001;
const SYNAPSE = 0.03;
const STEPS = 50;

/** Outliers of the warm-up do not set the range, and it follows what is usual. */
const FOLLOWING = { fence: 3, follow: 100 };

/**
 * Readings at the edge of every channel's range lie this far from the middle, at √channels, in a ball of radius 1; the
 * neurons are tuned for this much of it, so that few readings fall outside and none of the resolution is wasted.
 */
const radiusFor = (channels: number) => Math.sqrt(channels);

/**
 * A net that predicts the next reading of a sensor from the last one, and keeps itself adapted: an ensemble of the NEF
 * whose decoders start as the identity and are corrected by PES with the error of each prediction. What it cannot
 * foresee is unusual.
 */
export function nextReadingModel({
  channels,
  neurons = 100,
  rangeWarmUp = 300,
  monitor = {},
  correction = 0.02,
  seed = 1,
}: NextReadingOptions): Model {
  const dimensions = channels.length;
  const radius = radiusFor(dimensions);
  const random = new RandomGenerator(seed, 'next reading');
  const pieces = ensemble({ name: 'reading', neurons, dimensions, random, dt: STEP, radius, synapse: SYNAPSE });
  const shape = tensor(Float64Array.of(dimensions));
  const nodes = new Map<string, GraphNode>([
    ['in', { type: 'Input', parameters: { shape } }],
    ...pieces.nodes,
    ['out', { type: 'Output', parameters: { shape } }],
  ]);
  const edges: Edge[] = [
    { source: 'in', target: pieces.input, delay: 0 },
    ...pieces.edges,
    { source: pieces.output, target: 'out', delay: 0 },
  ];
  const learningRate = (correction * neurons) / (STEP * meanActivity(pieces, radius, random));
  return {
    graph: { nodes, edges },
    semantics: { ...defaultSemantics, dt: STEP, integrate: 'exact' },
    learning: new Map([[pieces.decoder, [{ rule: 'pes', parameters: { learningRate, tauPre: SYNAPSE } }]]]),
    encoder: new Map([['in', { type: 'direct', parameters: { range: 'auto', warmUp: rangeWarmUp, ...FOLLOWING } }]]),
    decoder: new Map([['out', { type: 'linear', parameters: {} }]]),
    channels,
    sample: { steps: STEPS, between: 'continue' },
    monitors: [
      {
        type: nextReading.type,
        parameters: { warmUp: 100, quantile: 0.99, sensitivity: 6, holdOff: 60, whileFlagged: 'hold', ...monitor },
      },
    ],
    labels: [],
    provenance: { method: 'NEF ensemble, decoders by regularised least squares, PES on line', seed, neurons },
    selfTests: [],
  };
}

/** Mean of Σ a² over the ensemble's ball, a in Hz: what one PES update of rate κ = 1 corrects, times n/dt. */
function meanActivity(pieces: Ensemble, radius: number, random: RandomGenerator): number {
  const dimensions = pieces.encoders.length / pieces.gain.length;
  const count = 200;
  const points = drawInBall(count, dimensions, radius, random);
  let sum = 0;
  for (let point = 0; point < count; point++) {
    for (const rate of pieces.rates(points.subarray(point * dimensions, (point + 1) * dimensions))) sum += rate * rate;
  }
  return sum / count;
}
