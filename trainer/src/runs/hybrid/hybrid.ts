import { type Model, type PlainParameters, readParameters } from '@spikewire/models';
import { netParameters } from '../../architecture/parameters.ts';
import { analogueNet } from '../../conversion/analogue/analogue-net.ts';
import { leakyStart } from '../../conversion/leaky-start.ts';
import { netFor, type OwnParts, type TrainNetParameters, trainNet } from '../gradient/train-net.ts';
import type { MethodSite } from '../run.ts';
import { splitForValidation } from '../validation.ts';
import type { hybridParameters } from './hybrid-parameters.ts';
import { type Reached, type Stage, StagedRun } from './stages.ts';

export type HybridChoices = PlainParameters<typeof hybridParameters>;

/** What the method has of its own, or of the models of stages before. */
type OwnOf = (before: readonly Reached[]) => OwnParts;

/** What of them belongs to an analogue net. */
export type AnalogueChoices = Omit<HybridChoices, 'percentile' | 'leak' | 'surrogate' | 'resetGradient'>;

/** Choices for an analogue net: rectifiers for one step. */
export function analogueChoices(chosen: AnalogueChoices): TrainNetParameters {
  const { arch, analogueEpochs: epochs, analogueRate: learningRate } = chosen;
  const net = { ...plainNet({ neuron: 'relu', steps: 1 }), arch };
  const fixed = { surrogate: 'arctan', resetGradient: 'detached', loss: 'membrane', learn: undefined } as const;
  return { ...chosen, ...net, epochs, learningRate, ...fixed };
}

/**
 * Refuses what cannot be converted once it is trained, before anything is: a net that does not fit, or no rectifier.
 */
export function refuseUnconvertible({ model: _, ...site }: MethodSite, chosen: AnalogueChoices): void {
  analogueNet(netFor(site, analogueChoices(chosen)).model);
}

/** A new analogue net, trained. It is not rounded, because what comes of it learns on. */
export function analogueStage({ model: _, ...site }: MethodSite, chosen: AnalogueChoices, own: OwnOf): Stage {
  return (before) => trainNet(site, analogueChoices(chosen), { constraints: [], ...own(before) });
}

/** The net that an analogue one becomes, trained on. */
export function convertedStage(
  site: MethodSite,
  chosen: HybridChoices,
  analogueOf: (before: readonly Reached[]) => Model,
  own: OwnOf,
): Stage {
  return async (before) => {
    const data = { ...site.data, training: splitForValidation(site.data).learned };
    const { steps, percentile, leak, encoder } = chosen;
    const { backend } = site;
    const coded = encoder === 'direct' ? {} : { encoder };
    const model = await leakyStart(analogueOf(before), { data, steps, percentile, leak, backend, ...coded });
    const choices = { ...plainNet({}), ...chosen, loss: 'accumulated', learn: undefined };
    return trainNet({ ...site, model }, choices, own(before));
  };
}

/** The site's analogue net, or a new one that is trained first; then the spiking net that it becomes. */
export async function hybridRun(site: MethodSite, chosen: HybridChoices, own: OwnParts): Promise<StagedRun> {
  const { model } = site;
  const analogueOf = (before: readonly Reached[]) => model ?? before[0]!.model;
  const converted = convertedStage(site, chosen, analogueOf, () => own);
  if (model !== undefined) return StagedRun.open([converted]);
  refuseUnconvertible(site, chosen);
  const analogue = analogueStage(site, chosen, () => ({ learn: { bias: own.learn?.bias ?? true } }));
  return StagedRun.open([analogue, converted]);
}

/** What else a net could be asked for. */
function plainNet(given: Readonly<Record<string, unknown>>): TrainNetParameters {
  return readParameters('net', given, netParameters) as unknown as TrainNetParameters;
}
