import { type Model, type ResolvedGraph, resolveGraph, SpikewireError } from '@spikewire/models';
import { constrained, foldedWeights } from '../constraints/constrained.ts';
import type { Constraint, ConstraintFor } from '../constraints/constraint.ts';
import type { Value } from '../graph/operations/value.ts';
import type { Loss } from '../losses/loss.ts';
import { type LearnedChoice, type LearnedParameter, learnedParametersOf, withLearned } from '../lowering/learned.ts';
import { type LoweredGraph, lowerGraph } from '../lowering/lower.ts';
import type { SpikeTraining } from '../lowering/neurons/population.ts';
import { learnedOf, type PlacedNode, type Placement, placeNodes } from '../lowering/placed.ts';
import type { Signal } from '../lowering/signal.ts';
import type { Optimiser } from '../optimisers/optimiser.ts';
import type { Regulariser } from '../regularisers/regulariser.ts';
import { withFolded } from '../training-nodes/fold.ts';
import { steadyInputs } from './encoding.ts';

/** The parts of which a training by gradient consists. */
export interface TrainingParts {
  readonly spikes: SpikeTraining;
  readonly loss: Loss;
  readonly regularisers: readonly Regulariser[];
  readonly optimiser: Optimiser;
  readonly learn: LearnedChoice;
  /** The largest common length of all gradients; absent: any. */
  readonly clip?: number | undefined;
  /** Behind which nodes of the model others stand that are of training only. */
  readonly trainingNodes?: readonly Placement[];
  /** What holds the weights of a net, first to last. */
  readonly constraints?: readonly ConstraintFor[];
}

/** A model that is trained by gradient: its graph, what of it is learned, and by what. */
export interface TrainingPlan extends Omit<TrainingParts, 'constraints'> {
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly trainingNodes: readonly PlacedNode[];
  readonly constraints: readonly Constraint[];
  /** What the optimiser changes, from the input to the output. */
  readonly learned: readonly LearnedParameter[];
  /** Name of the Output, and its elements, one per class. */
  readonly output: string;
  readonly classes: number;
}

/** Throws `unsupported` for a model whose answer is no list of classes, or that nothing of can be learned. */
export function planOf(model: Model, parts: TrainingParts): TrainingPlan {
  const where = 'the model to train';
  const refuse = (problem: string, expected: string) => new SpikewireError('unsupported', where, problem, expected);
  if (model.quantization !== undefined) throw refuse('is in integer form', 'the float model it was made from');
  const graph = resolveGraph(model.graph, model.semantics);
  const outputs = graph.nodes.filter(({ kind }) => kind.role === 'output');
  if (outputs.length !== 1) throw refuse(`has ${outputs.length} Outputs`, 'one, with an element per class');
  const [{ name, shape }] = outputs as [(typeof outputs)[number]];
  if (shape.length !== 1) throw refuse(`has an Output of shape [${shape.join(', ')}]`, 'one dimension, the classes');
  const trainingNodes = placeNodes(graph, parts.trainingNodes ?? []);
  const learned = learnedOfAll(graph, parts.learn, trainingNodes);
  if (learned.length === 0) throw refuse('has nothing to learn', 'connections with weights');
  const site = { model, graph, learned, trainingNodes };
  const constraints = (parts.constraints ?? []).map((constraint) => constraint(site));
  return { ...parts, ...site, constraints, output: name, classes: shape[0]! };
}

function learnedOfAll(
  graph: ResolvedGraph,
  learn: LearnedChoice,
  trainingNodes: readonly PlacedNode[],
): LearnedParameter[] {
  const ofGraph = learnedParametersOf(graph, learn);
  return graph.nodes.flatMap(({ name }) => {
    const behind = trainingNodes.filter((each) => each.behind === name);
    const idle = behind.flatMap(({ node }) => node.idle ?? []);
    return [
      ...ofGraph.filter(({ node, key }) => node === name && !idle.includes(key)),
      ...behind.flatMap((each) => learnedOf(each)),
    ];
  });
}

/** The graph of a plan over a batch, and what its Output emits. */
export function lowerPlan(
  plan: TrainingPlan,
  batch: number,
  learns: boolean,
): LoweredGraph & { readonly answer: Signal } {
  const { graph, model, learned, spikes, output, trainingNodes, constraints } = plan;
  const held = steadyInputs(model, graph);
  const net = lowerGraph(graph, {
    ...{ batch, steps: model.sample.steps, held, learned, spikes },
    ...{ trainingNodes, learns, weights: (name: string, value: Value) => constrained(constraints, name, value) },
  });
  return { ...net, answer: net.signals.get(output)! };
}

/** The model with what was learned in place, and what its nodes of training come to folded into it. */
export function trainedModel(
  { model, learned, trainingNodes, constraints }: TrainingPlan,
  arrays: ReadonlyMap<string, Float32Array>,
): Model {
  const folded = new Map(learned.map(({ name }) => [name, foldedWeights(constraints, name, arrays)] as const));
  return { ...model, graph: withFolded(withLearned(model.graph, learned, folded), trainingNodes, arrays) };
}
