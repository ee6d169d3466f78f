import type { ComparisonPage, RuleModel, Stimulus } from '@spikewire/models';
import { reportLines } from '../report/report-lines.ts';
import { reportPage } from '../report/report-page.ts';
import type { FidelityOptions } from './fidelity.ts';
import { fidelityReport } from './fidelity-report.ts';
import { type RandomInput, randomStimuli } from './stimulus.ts';

/** What a comparison of step rules runs on: samples with a sentence of what they are, or random spikes. */
export type FidelityInput = { readonly stimuli: readonly Stimulus[]; readonly what: string } | RandomInput;

/** Twenty samples of a hundred steps, in each of which an element of an Input spikes with a probability of a tenth. */
export const usualInput: RandomInput = { seed: 1, samples: 20, steps: 100, probability: 0.1 };

/**
 * Compares the first of several models of one net with the others, which differ in the rule of a step; rejects as
 * `compareRules` does.
 */
export async function fidelityPage(
  title: string,
  rules: readonly RuleModel[],
  input: FidelityInput = usualInput,
  options: FidelityOptions = {},
): Promise<ComparisonPage> {
  const [chosen] = rules;
  const stimuli = 'stimuli' in input ? input.stimuli : chosen === undefined ? [] : randomStimuli(chosen.model, input);
  const what = 'stimuli' in input ? input.what : describeRandom(input, chosen?.model.semantics.dt ?? 1);
  const report = await fidelityReport(rules, stimuli, { ...options, input: what });
  return { document: report.document, lines: reportLines(report), page: reportPage(title, report) };
}

function describeRandom({ seed, probability }: RandomInput, dt: number): string {
  const rate = Number((probability / dt).toPrecision(6));
  return `Random input of seed ${seed}: each input element spikes in a step with probability ${probability} (${rate} Hz).`;
}
