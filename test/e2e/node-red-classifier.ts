import { defaultSemantics, ensemble, type Model, RandomGenerator, solveDecoders, tensor } from '@spikewire/models';
import type { Flower } from './iris-classifier.ts';

const DT = 0.001;
const NEURONS = 200;
const SYNAPSE = 0.03;
const SPECIES = ['setosa', 'versicolor', 'virginica'];
/** Share of the error of an answer that its lesson corrects. */
const CORRECTION = 0.3;

/**
 * An ensemble over the four features of a flower whose decoders are fitted to the flowers given, and corrected by PES
 * with the error of each answer that somebody labels. The ranges leave room for a sensor that moves.
 */
export function learningIrisClassifier(flowers: readonly Flower[]): Model {
  const ranges = [0, 1, 2, 3].map((feature) => widened(flowers.map(({ features }) => features[feature]!)));
  const random = new RandomGenerator(1, 'iris');
  const pieces = ensemble({ name: 'flower', neurons: NEURONS, dimensions: 4, random, dt: DT, synapse: SYNAPSE });
  const normalise = ({ features }: Flower) =>
    features.map((value, k) => (2 * value - ranges[k]![0] - ranges[k]![1]) / (ranges[k]![1] - ranges[k]![0]));
  const activities = Float64Array.from(flowers.flatMap((flower) => Array.from(pieces.rates(normalise(flower)))));
  const targets = Float64Array.from(flowers.flatMap(({ species }) => SPECIES.map((name) => Number(name === species))));
  const fit = { points: flowers.length, neurons: NEURONS, regularisation: 0.1 };
  const decode = solveDecoders(activities, targets, fit).map((decoder) => decoder / DT);
  const power = activities.reduce((sum, rate) => sum + rate * rate, 0) / flowers.length;
  const learningRate = (CORRECTION * NEURONS) / (DT * power);
  const nodes = new Map(pieces.nodes)
    .set('in', { type: 'Input', parameters: { shape: tensor(Float64Array.of(4)) } })
    .set(pieces.decoder, { type: 'Linear', parameters: { weight: tensor(decode, [3, NEURONS]) } })
    .set('out', { type: 'Output', parameters: { shape: tensor(Float64Array.of(3)) } });
  return {
    graph: {
      nodes,
      edges: [
        { source: 'in', target: pieces.input, delay: 0 },
        ...pieces.edges,
        { source: pieces.output, target: 'out', delay: 0 },
      ],
    },
    semantics: { ...defaultSemantics, dt: DT },
    learning: new Map([[pieces.decoder, [{ rule: 'pes', parameters: { learningRate, tauPre: SYNAPSE } }]]]),
    encoder: new Map([['in', { type: 'direct', parameters: { range: ranges } }]]),
    decoder: new Map([['out', { type: 'membrane-softmax', parameters: { temperature: 0.2 } }]]),
    channels: ['sepal length', 'sepal width', 'petal length', 'petal width'].map((name) => ({ name, unit: 'cm' })),
    sample: { steps: 100, between: 'reset' },
    labels: SPECIES,
    provenance: { method: 'NEF ensemble, PES on labels', data: 'iris, R. A. Fisher 1936' },
    selfTests: [],
  };
}

/** The range of some values with as much again around it. */
function widened(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [low - (high - low) / 2, high + (high - low) / 2];
}
