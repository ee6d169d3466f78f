import { defaultSemantics, ensemble, type Model, RandomGenerator, solveDecoders, tensor } from '@spikewire/models';

const DT = 0.001;
const NEURONS = 100;
const SPECIES = ['setosa', 'versicolor', 'virginica'];

export interface Flower {
  readonly features: readonly number[];
  readonly species: string;
}

export function readIris(rows: readonly string[]): Flower[] {
  return rows.map((row) => {
    const cells = row.split(',');
    return { features: cells.slice(0, 4).map(Number), species: cells[4]! };
  });
}

/** An ensemble over the four normalised features; its decoders are fitted to the flowers, one output per species. */
export function irisClassifier(flowers: readonly Flower[]): Model {
  const ranges = [0, 1, 2, 3].map((feature) => {
    const values = flowers.map(({ features }) => features[feature]!);
    return [Math.min(...values), Math.max(...values)] as const;
  });
  const random = new RandomGenerator(1, 'iris');
  const pieces = ensemble({
    name: 'flower',
    neurons: NEURONS,
    dimensions: 4,
    random,
    dt: DT,
    radius: 1.5,
    synapse: 0.02,
  });
  const normalise = ({ features }: Flower) =>
    features.map((value, k) => (2 * value - ranges[k]![0] - ranges[k]![1]) / (ranges[k]![1] - ranges[k]![0]));
  const activities = Float64Array.from(flowers.flatMap((flower) => Array.from(pieces.rates(normalise(flower)))));
  const targets = Float64Array.from(
    flowers.flatMap(({ species }) => SPECIES.map((name) => (name === species ? 1 : 0))),
  );
  const fit = { points: flowers.length, neurons: NEURONS, regularisation: 0.1 };
  const decode = solveDecoders(activities, targets, fit).map((decoder) => decoder / DT);
  const nodes = new Map(pieces.nodes)
    .set('in', { type: 'Input', parameters: { shape: tensor(Float64Array.of(4)) } })
    .set(pieces.decoder, { type: 'Linear', parameters: { weight: tensor(decode, [3, NEURONS]) } })
    .set('out', { type: 'Output', parameters: { shape: tensor(Float64Array.of(3)) } });
  const edges = [
    { source: 'in', target: pieces.input, delay: 0 },
    ...pieces.edges,
    { source: pieces.output, target: 'out', delay: 0 },
  ];
  return {
    graph: { nodes, edges },
    semantics: { ...defaultSemantics, dt: DT },
    learning: new Map(),
    encoder: new Map([['in', { type: 'direct', parameters: { range: ranges } }]]),
    decoder: new Map([['out', { type: 'membrane-softmax', parameters: {} }]]),
    channels: ['sepal length', 'sepal width', 'petal length', 'petal width'].map((name) => ({ name, unit: 'cm' })),
    sample: { steps: 100, between: 'reset' },
    labels: SPECIES,
    provenance: { method: 'NEF ensemble, decoders by regularised least squares', data: 'iris, R. A. Fisher 1936' },
    selfTests: [],
  };
}
