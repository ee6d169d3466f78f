import { type Model, type ResolvedGraph, resolveGraph, SpikewireError } from '@spikewire/models';
import { given, type Value } from '../graph/value.ts';
import type { Loss } from '../losses/loss.ts';
import { type LearnedChoice, type LearnedParameter, learnedParametersOf, withLearned } from '../lowering/learned.ts';
import { type LoweredGraph, lowerGraph } from '../lowering/lower.ts';
import type { SpikeTraining } from '../lowering/population.ts';
import type { Signal } from '../lowering/signal.ts';
import type { Optimiser } from '../optimisers/optimiser.ts';
import type { Regulariser } from '../regularisers/regulariser.ts';
import { droppedNodes, maskOf } from './dropout.ts';
import { steadyInputs } from './encoding.ts';

/** The parts of which a training by gradient consists. */
export interface TrainingParts {
  readonly spikes: SpikeTraining;
  readonly loss: Loss;
  readonly regularisers: readonly Regulariser[];
  readonly optimiser: Optimiser;
  readonly learn: LearnedChoice;
  /** Share of the neurons that are silent for a sample while the net learns; 0 where absent. */
  readonly dropout?: number;
}

/** A model that is trained by gradient: its graph, what of it is learned, and by what. */
export interface TrainingPlan extends TrainingParts {
  readonly model: Model;
  readonly graph: ResolvedGraph;
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
  const learned = learnedParametersOf(graph, parts.learn);
  if (learned.length === 0) throw refuse('has nothing to learn', 'connections with weights');
  return { ...parts, model, graph, learned, output: name, classes: shape[0]! };
}

/** The graph of a plan over a batch, and what its Output emits; with dropout only where it learns. */
export function lowerPlan(
  plan: TrainingPlan,
  batch: number,
  learns: boolean,
): LoweredGraph & { readonly answer: Signal } {
  const { graph, model, learned, spikes, output } = plan;
  const held = steadyInputs(model, graph);
  const dropped = learns && plan.dropout ? droppedNodes(graph) : [];
  const masks = new Map(dropped.map((name) => [name, maskFor(graph, name, batch)] as const));
  const net = lowerGraph(graph, { batch, steps: model.sample.steps, held, learned, spikes, masks });
  return { ...net, answer: net.signals.get(output)! };
}

function maskFor({ nodes }: ResolvedGraph, node: string, batch: number): Value {
  return given(maskOf(node), [batch, ...nodes.find(({ name }) => name === node)!.shape]);
}

/** The model with what was learned in place. */
export function trainedModel({ model, learned }: TrainingPlan, arrays: ReadonlyMap<string, Float32Array>): Model {
  return { ...model, graph: withLearned(model.graph, learned, arrays) };
}
