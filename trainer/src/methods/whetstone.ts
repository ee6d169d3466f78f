import {
  type GraphNode,
  type Model,
  type PlainParameters,
  readParameters,
  SpikewireError,
  scalar,
  tensor,
} from '@spikewire/models';
import { netParameters } from '../architecture/parameters.ts';
import { withSummedOutputs } from '../architecture/summed-outputs.ts';
import { terminal } from '../architecture/terminal.ts';
import { gradientParameters } from '../runs/gradient/gradient-parameters.ts';
import type { MethodSite } from '../runs/run.ts';
import { inPlaceOfRectifiers } from '../training-nodes/before-rectifiers.ts';
import { boundedRectifier } from '../training-nodes/bounded-rectifier.ts';
import { method } from './method.ts';

const { arch, encoder } = netParameters;
const { batch, learningRate, optimiser, clip, regulariser, dropout, augment } = gradientParameters;

const [OUT, VOTES] = ['out', 'votes'];

/** What a class for which all vote is ahead of one that has no vote. */
const AGREED = 4;

/**
 * Whetstone (Severa, Vineyard, Dellana, Verzi and Aimone 2019): an analogue net of bounded rectifiers is trained in the
 * usual way; then, layer by layer from the input on, they are sharpened into steps at ½, h_{α,β} with α → ½ and β → ½,
 * while it learns on: a layer that is sharp learns no more, and those behind it make up for what was lost. An adaptive
 * sharpener waits where the training loss has risen too far. N neurons answer for each class (N-hot), because one that
 * is sharp may be silent for all samples; their votes decide. All votes of a class together are worth `AGREED` in the
 * softmax of the loss, which is not flat there: neurons are driven on until all of a class agree, away from the ½ at
 * which they are cut. What comes out are neurons without memory, for one step.
 *
 * Limits: nets of dense and convolutional layers in a chain; `bn` in `--arch` keeps currents where the rectifiers are
 * not flat, as in the source. How the sharpener is to wait is the source's in kind, not in its numbers. Votes weigh the
 * same and do not learn; neuron n of the last layer votes for class n mod classes.
 */
export const whetstone = method({
  name: 'whetstone',
  summary: 'sharpens bounded rectifiers into steps, layer by layer, while the net learns; one time step per sample',
  source: 'Severa et al. 2019, Training deep neural networks for binary communication with the Whetstone method',
  startsAnew: true,
  parameters: {
    arch,
    encoder,
    hot: { doc: 'output neurons per class', form: 'integer', default: 10, minimum: 1, maximum: 1000 },
    warmUp: { doc: 'epochs before the first layer is sharpened', form: 'integer', default: 10, minimum: 1 },
    sharpening: {
      doc: 'sharpening of a layer per epoch; 1 is complete',
      form: 'number',
      default: 0.1,
      minimum: 0.001,
      maximum: 1,
    },
    tolerance: {
      doc: 'pause the sharpening if the training loss rises by more than this share',
      form: 'number',
      default: 0.25,
      minimum: 0,
    },
    mostPauses: { doc: 'longest pause, in epochs', form: 'integer', default: 2, minimum: 0 },
    batch,
    learningRate,
    optimiser,
    clip,
    regulariser,
    dropout,
    augment,
  },
  presets: {
    mnist: {
      data: 'mnist',
      parameters: {
        arch: 'bn-32C5-P2-bn-64C5-P2-bn-10',
        warmUp: 4,
        sharpening: 0.25,
        augment: 'shift:most=2+rotate:most=10',
      },
    },
  },
  async start(site, { hot, warmUp, sharpening, tolerance, mostPauses, ...chosen }) {
    const [{ trainNet }, { Sharpener }, { SharpeningRun }] = await Promise.all([
      import('../runs/gradient/train-net.ts'),
      import('../runs/gradient/sharpener.ts'),
      import('../runs/gradient/sharpening.ts'),
    ]);
    const net = await hotNet(site, chosen, hot);
    const bounded = inPlaceOfRectifiers(net.model, boundedRectifier());
    const sharpener = new Sharpener({ layers: bounded.length, warmUp, rate: sharpening, tolerance, mostPauses });
    const { epochs } = sharpener;
    const fixed = {
      loss: 'membrane',
      schedule: 'constant',
      surrogate: 'arctan',
      resetGradient: 'detached' as const,
      learn: undefined,
      bits: undefined,
      prune: 0,
    };
    const choices = { ...net.choices, ...chosen, ...fixed, epochs, patience: epochs };
    const run = await trainNet({ ...site, model: net.model }, choices, {
      trainingNodes: [...net.trainingNodes, ...bounded],
      learn: { fixed: [VOTES] },
      schedule: () => sharpener.learning,
    });
    const arrays = bounded.map(({ behind, node }) => `${behind}.${node.type}.sharpness`);
    return new SharpeningRun({ run, sharpener, arrays, finish: withSteps });
  },
});

/** The net of an architecture with so many neurons for each class, and the sums of their votes. */
async function hotNet({ data, seed }: MethodSite, chosen: { arch?: string | undefined; encoder: string }, hot: number) {
  const { newModel } = await import('../architecture/model.ts');
  const { classes } = data;
  const ending = `-${classes.length}`;
  if (chosen.arch?.endsWith(ending) === false) {
    const problem = 'does not end with the classes of the data';
    throw new SpikewireError('usage', `architecture ${chosen.arch}`, problem, `…${ending}`);
  }
  const count = hot * classes.length;
  const plain = readParameters('net', { neuron: 'relu', steps: 1, encoder: chosen.encoder }, netParameters);
  const choices = plain as unknown as PlainParameters<typeof netParameters>;
  const wide = { ...data, classes: Array.from({ length: count }, (_, n) => classes[n % classes.length]!) };
  const arch = chosen.arch && `${chosen.arch.slice(0, -ending.length)}-${count}`;
  const net = newModel({ data: wide, seed, answer: 'spikes', net: { ...choices, arch } });
  const { nodes, edges } = net.model.graph;
  const graph = {
    nodes: new Map([...nodes, [VOTES, votes(classes.length, count)], [OUT, terminal('Output', classes.length)]]),
    edges: [
      ...edges.map((edge) => (edge.target === OUT ? { ...edge, target: VOTES } : edge)),
      { source: VOTES, target: OUT, delay: 0 },
    ],
  };
  return { choices, trainingNodes: net.trainingNodes, model: { ...net.model, graph, labels: classes } };
}

/**
 * [classes, neurons]: a weight where a neuron votes for a class, in whole 2⁻¹² so that sums are exact in any order, and
 * training decides ties as an engine does.
 */
function votes(classes: number, neurons: number): GraphNode {
  const weight = Math.round((4096 * AGREED * classes) / neurons) / 4096;
  const weights = Float32Array.from({ length: classes * neurons }, (_, k) =>
    (k % neurons) % classes === Math.floor(k / neurons) ? weight : 0,
  );
  return { type: 'Linear', parameters: { weight: tensor(weights, [classes, neurons]) } };
}

/**
 * The net with thresholds at ½ in the place of its rectifiers, and the votes as membranes, which whole numbers have.
 */
function withSteps(model: Model): Model {
  const step: GraphNode = { type: 'Threshold', parameters: { threshold: scalar(0.5) } };
  const { nodes, edges } = withSummedOutputs(model.graph, model.semantics);
  const steps = [...nodes].map(([name, node]) => [name, node.type === 'ReLU' ? step : node] as const);
  return { ...model, graph: { nodes: new Map(steps), edges } };
}
