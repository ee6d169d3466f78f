import { type Model, type PlainParameters, SpikewireError } from '@spikewire/models';
import { newModel } from '../architecture/model.ts';
import type { netParameters } from '../architecture/parameters.ts';
import { prepared } from '../kinds/kind.ts';
import { losses } from '../losses/losses.ts';
import type { LearnedChoice } from '../lowering/learned.ts';
import { optimisers } from '../optimisers/optimisers.ts';
import { regularisers } from '../regularisers/regularisers.ts';
import { schedules } from '../schedules/schedules.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import type { TrainingParts } from '../training/plan.ts';
import { GradientRun } from './gradient.ts';
import type { gradientParameters } from './gradient-parameters.ts';
import type { MethodSite } from './run.ts';

/** What a method needs of people to train a net by gradient. */
export type TrainNetParameters = PlainParameters<typeof netParameters & typeof gradientParameters>;

/** The site's model, or a new net, and the parts that the parameters name. */
export function netFor(
  { model, ...site }: Pick<MethodSite, 'model' | 'data' | 'seed'>,
  chosen: TrainNetParameters,
): TrainingParts & { readonly model: Model } {
  const loss = prepared('loss', losses, chosen.loss);
  return {
    model: model ?? newModel({ ...site, answer: loss.reads, net: chosen }),
    spikes: { surrogate: prepared('surrogate', surrogates, chosen.surrogate) },
    loss,
    regularisers: words(chosen.regulariser).map((word) => prepared('regulariser', regularisers, word)),
    optimiser: prepared('optimiser', optimisers, chosen.optimiser),
    learn: learnedChoice(chosen.learn),
    dropout: chosen.dropout,
  };
}

/** Trains a net by gradient. */
export async function trainNet(site: MethodSite, chosen: TrainNetParameters): Promise<GradientRun> {
  const { epochs, batch, learningRate, patience } = chosen;
  const schedule = prepared('schedule', schedules, chosen.schedule);
  return GradientRun.open({ ...site, ...netFor(site, chosen), schedule, epochs, batch, learningRate, patience });
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
