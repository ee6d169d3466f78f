import type { DataSet } from '@spikewire/engine/data';
import { type Model, type PlainParameters, resolveGraph, type Shape, SpikewireError } from '@spikewire/models';
import { newModel } from '../../architecture/model.ts';
import type { netParameters } from '../../architecture/parameters.ts';
import type { Augment } from '../../augmentations/augmentation.ts';
import { augmentations } from '../../augmentations/augmentations.ts';
import type { ConstraintFor } from '../../constraints/constraint.ts';
import { pruning } from '../../constraints/pruning.ts';
import { rounding } from '../../constraints/rounding.ts';
import { prepared } from '../../kinds/kind.ts';
import { losses } from '../../losses/losses.ts';
import type { LearnedChoice } from '../../lowering/learned.ts';
import type { Placement } from '../../lowering/placed.ts';
import type { TrainingNode } from '../../lowering/training-node.ts';
import { optimisers } from '../../optimisers/optimisers.ts';
import { regularisers } from '../../regularisers/regularisers.ts';
import { type Schedule, schedules } from '../../schedules/schedules.ts';
import { surrogates } from '../../surrogates/surrogates.ts';
import type { TrainingParts } from '../../training/plan.ts';
import { dropoutNode, hiddenPopulations } from '../../training-nodes/dropout.ts';
import type { MethodSite } from '../run.ts';
import { GradientRun } from './gradient.ts';
import type { gradientParameters } from './gradient-parameters.ts';

/** What a method needs of people to train a net by gradient. */
export type TrainNetParameters = PlainParameters<typeof netParameters & typeof gradientParameters>;

/** The site's model, or a new net, and the parts that the parameters name. */
export function netFor(
  { model, ...site }: Pick<MethodSite, 'model' | 'data' | 'seed'>,
  chosen: TrainNetParameters,
): TrainingParts & { readonly model: Model } {
  const loss = prepared('loss', losses, chosen.loss);
  const net =
    model === undefined
      ? newModel({ ...site, answer: loss.reads, decoder: loss.decoder, net: chosen })
      : { model, trainingNodes: [] };
  return {
    model: net.model,
    spikes: {
      surrogate: prepared('surrogate', surrogates, chosen.surrogate),
      throughReset: chosen.resetGradient === 'full',
    },
    loss,
    regularisers: words(chosen.regulariser).map((word) => prepared('regulariser', regularisers, word)),
    optimiser: prepared('optimiser', optimisers, chosen.optimiser),
    learn: learnedChoice(chosen.learn),
    clip: chosen.clip,
    trainingNodes: [...net.trainingNodes, ...dropoutEverywhere(net.model, chosen.dropout)],
    constraints: constraintsOf(chosen),
  };
}

/** Parts that are a method's own and not for people to choose; of `spikes` what stands in the place of theirs. */
export interface OwnParts extends Partial<Omit<TrainingParts, 'spikes'>> {
  /** The net as it is to begin. */
  readonly model?: Model;
  readonly spikes?: Partial<TrainingParts['spikes']>;
  readonly schedule?: Schedule;
}

/**
 * Trains a net by gradient, with what is the method's `own`, or its own for a net, before what was chosen; its nodes of
 * training stand behind those that were, and its regularisers are added to them.
 */
export async function trainNet(
  site: MethodSite,
  chosen: TrainNetParameters,
  ownOf: OwnParts | ((net: Model) => OwnParts) = {},
): Promise<GradientRun> {
  const schedule = prepared('schedule', schedules, chosen.schedule);
  const augment = augmentOf(chosen.augment, site.data);
  const net = netFor(site, chosen);
  const own = typeof ownOf === 'function' ? ownOf(net.model) : ownOf;
  const spikes = { ...net.spikes, ...own.spikes };
  const trainingNodes = [...(net.trainingNodes ?? []), ...(own.trainingNodes ?? [])];
  const regularisers = [...net.regularisers, ...(own.regularisers ?? [])];
  const parts = { ...net, schedule, ...own, spikes, trainingNodes, regularisers };
  return GradientRun.open({ ...site, ...chosen, ...parts, augment });
}

/** `--augment`: one after the other. */
function augmentOf(text: string | undefined, data: DataSet): Augment {
  const all = words(text).map((word) => prepared('augmentation', augmentations, word)(planesOf(data)));
  return (sample, random) => all.reduce((varied, augment) => augment(varied, random), sample);
}

/** The shape of a whole sample: frames are more channels of the same image. */
function planesOf({ shape = [], samples, frames = 1 }: DataSet): Shape {
  const [channels, ...rest] = shape;
  return channels === undefined ? [samples[0]!.length] : [frames * channels, ...rest];
}

/** `--dropout`. */
function dropoutEverywhere(model: Model, rate: number): Placement[] {
  return rate === 0 ? [] : behindHidden(model, dropoutNode(rate));
}

/** A node of training behind every population that others learn from. */
export function behindHidden({ graph, semantics }: Model, node: TrainingNode): Placement[] {
  return hiddenPopulations(resolveGraph(graph, semantics)).map((behind) => ({ behind, node }));
}

/** `--prune` and `--bits`: what is left of the weights, rounded. */
function constraintsOf({ prune, bits }: TrainNetParameters): ConstraintFor[] {
  const constraints: ConstraintFor[] = [];
  if (prune > 0) constraints.push((site) => pruning(prune, site));
  if (bits !== undefined) constraints.push((site) => rounding(bits === '8' ? 8 : 4, site));
  return constraints;
}

function words(text: string | undefined): string[] {
  return text === undefined ? [] : text.split('+');
}

function learnedChoice(text: string | undefined): LearnedChoice {
  const chosen = words(text);
  const unknown = chosen.find((word) => word !== 'tau' && word !== 'threshold');
  if (unknown !== undefined) {
    throw new SpikewireError('usage', 'spikewire train --learn', `names "${unknown}"`, 'tau, threshold or both with +');
  }
  return { tau: chosen.includes('tau'), threshold: chosen.includes('threshold') };
}
