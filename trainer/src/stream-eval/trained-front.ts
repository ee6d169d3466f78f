import type { DataSet } from '@spikewire/engine/data';
import {
  elementCount,
  type GraphNode,
  type JsonValue,
  type Model,
  numbersOf,
  RandomGenerator,
  readParameters,
  standardisedViews,
  tensor,
} from '@spikewire/models';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { stbp } from '../methods/stbp.ts';
import { type TrainNetParameters, trainNet } from '../runs/gradient/train-net.ts';
import { bestOf } from '../runs/history.ts';
import type { RunState } from '../runs/run.ts';
import { grouped, type TrainedFront } from './class-stream.ts';
import type { FrontOptions } from './front.ts';
import type { PreparedSamples } from './prepared.ts';
import { populationsOf, teachableNet } from './teachable-net.ts';
import { CLIP, runningView } from './views.ts';

const VIEWS = ['base', 'running'] as const;

/**
 * A classifier whose front is a net that was trained by gradient on the base, seen both as the base was standardised
 * and by a normalisation that follows its people one after the other. There are two of the net, with equal weights, one
 * for each view. The read-out counts the spikes of their hidden neurons, and knows nothing yet.
 */
export async function trainedClassifierOf(
  { standard, classes, weighted, seed }: FrontOptions,
  base: PreparedSamples,
  { net, noisy, decoder }: TrainedFront,
): Promise<Model> {
  const random = new RandomGenerator(seed, 'noise');
  const seen = [...base.samples, ...runningView(base.raw, standard)];
  const copies = Array.from({ length: noisy.copies }, () => seen.map((x) => withNoise(x, noisy.deviation, random)));
  const samples = [...seen, ...copies.flat()];
  const labels = Int32Array.from(samples, (_, n) => base.labels[n % base.labels.length]!);
  const trained = await trainedOn({ name: 'base', classes, samples, labels }, seed, net);
  const hidden = populationsOf(trained).filter(({ answers }) => !answers);
  const picked = VIEWS.flatMap((view) =>
    hidden.map((population) => {
      const all = Uint32Array.from({ length: elementCount(population.shape) }, (_, neuron) => neuron);
      return [{ ...population, name: `${view}.${population.name}` }, all] as const;
    }),
  );
  const parameters = { views: VIEWS.length, balance: weighted ? 'classes' : 'none', ...decoder };
  const usual = { mean: [...standard.mean], deviation: [...standard.deviation] };
  return {
    ...teachableNet(inViews(trained, standard.mean.length), picked, parameters),
    channels: Array.from(standard.mean, (_, k) => ({ name: `number ${k}`, unit: '' })),
    features: new Map([['in', standardisedViews(usual, true)]]),
  };
}

/** The same samples, those of a person after those of another, each in their order. */
export function byPerson({ raw, samples, labels, segments }: PreparedSamples): PreparedSamples {
  const order = [...grouped([...segments.keys()], (n) => segments[n]!).values()].flat();
  return {
    raw: order.map((n) => raw[n]!),
    samples: order.map((n) => samples[n]!),
    labels: Int32Array.from(order, (n) => labels[n]!),
    segments: order.map((n) => segments[n]!),
  };
}

function withNoise(sample: Float32Array, deviation: number, random: RandomGenerator): Float32Array {
  return sample.map((value) => Math.max(-CLIP, Math.min(CLIP, value + deviation * random.nextNormal())));
}

/** The net of the best epoch. */
async function trainedOn(data: DataSet, seed: number, { arch, ...net }: TrainedFront['net']): Promise<Model> {
  const chosen = readParameters('front', { ...net, arch: `${data.samples[0]!.length}-${arch}` }, stbp.parameters);
  const run = await trainNet({ data, seed, backend: onnxRuntime() }, chosen as TrainNetParameters);
  try {
    let best: RunState | undefined;
    while (!run.finished) {
      const epochs = run.history.length;
      await run.step();
      if (run.history.length > epochs && bestOf(run.history) === run.history.at(-1)) best = run.save();
    }
    return { ...run.model(best!), labels: data.classes };
  } finally {
    await run.close();
  }
}

/** The net once for each view, on an Input of the numbers of both: those of the first channel, then of the second … */
function inViews(model: Model, inputs: number): Model {
  const first = model.graph.edges.find(({ source }) => source === 'in')!.target;
  const { type, parameters } = model.encoder.get('in')!;
  const range = (parameters.range as readonly JsonValue[]).flatMap((own) => VIEWS.map(() => own));
  const nodes: [string, GraphNode][] = [
    ['in', { type: 'Input', parameters: { shape: tensor(Uint32Array.of(VIEWS.length * inputs)) } }],
    ...VIEWS.flatMap((view, v) =>
      [...model.graph.nodes].flatMap(([name, node]): [string, GraphNode][] => {
        if (name === 'in' || name === 'out') return [];
        return [[`${view}.${name}`, name === first ? widened(node, v) : node]];
      }),
    ),
    ['out', { type: 'Output', parameters: {} }],
  ];
  const edges = VIEWS.flatMap((view) => {
    const named = (name: string) => (name === 'in' || name === 'out' ? name : `${view}.${name}`);
    return model.graph.edges.map((edge) => ({ ...edge, source: named(edge.source), target: named(edge.target) }));
  });
  return {
    ...model,
    graph: { nodes: new Map(nodes), edges },
    encoder: new Map([['in', { type, parameters: { ...parameters, range } }]]),
  };
}

/** A dense connection that gets the numbers of all views and looks at those of one. */
function widened(node: GraphNode, view: number): GraphNode {
  const { data, shape } = numbersOf(node, 'weight')!;
  const [outputs, inputs] = shape as [number, number];
  const wide = new Float32Array(data.length * VIEWS.length);
  for (let k = 0; k < data.length; k++) wide[k * VIEWS.length + view] = data[k]!;
  return { ...node, parameters: { ...node.parameters, weight: tensor(wide, [outputs, inputs * VIEWS.length]) } };
}
