import { setImmediate } from 'node:timers/promises';
import { referenceEngine } from '@spikewire/engine';
import type { Engine } from '@spikewire/engine/network';
import { type RuleModel, SpikewireError, type Stimulus } from '@spikewire/models';
import type { Chart } from '../report/report.ts';
import { OutputPicture } from './output-picture.ts';
import { RuleComparison, type RuleDifference } from './rule-comparison.ts';
import { WatchedNet } from './watched-net.ts';

/** How the same net behaves under several step rules. */
export interface Fidelity {
  /** The rule with which all others are compared. */
  readonly chosen: string;
  /** Seconds. */
  readonly dt: number;
  readonly samples: number;
  /** Of all samples. */
  readonly steps: number;
  /** Of each other rule, in their order. */
  readonly differences: readonly RuleDifference[];
  /** What to know of the comparison, a sentence each. */
  readonly notes: readonly string[];
}

export interface FidelityOptions {
  /** Default: the reference engine, which computes in float64 as the equations are written. */
  readonly engine?: Engine;
  readonly signal?: AbortSignal;
}

/**
 * Runs the same net under several step rules on the same input, each sample from a fresh start, and compares the first
 * with each of the others. Throws `input` where a net lacks an Input that is given, and `usage` for less than one rule
 * or sample.
 */
export async function compareRules(
  rules: readonly RuleModel[],
  stimuli: readonly Stimulus[],
  { engine = referenceEngine, signal }: FidelityOptions = {},
): Promise<{ readonly fidelity: Fidelity; readonly charts: readonly Chart[] }> {
  const nets = rules.map(({ name, model }) => new WatchedNet(name, model, engine));
  const [chosen, ...others] = nets;
  if (chosen === undefined || stimuli.length === 0)
    throw new SpikewireError('usage', 'a comparison of step rules', 'has nothing to run', 'a rule and a sample');
  const comparisons = others.map((other) => new RuleComparison(chosen, other));
  const picture = new OutputPicture(nets);
  for (const [sample, stimulus] of stimuli.entries()) {
    await setImmediate();
    if (signal?.aborted)
      throw new SpikewireError('input', 'a comparison of step rules', `was stopped at sample ${sample}`, 'its end');
    for (const net of nets) net.begin(stimulus);
    for (const comparison of comparisons) comparison.begin();
    for (let step = 0; step < stimulus.steps; step++) {
      for (const net of nets) net.step();
      for (const comparison of comparisons) comparison.takeUp(step);
      if (sample === 0) picture.takeUp(step);
    }
    for (const comparison of comparisons) comparison.end();
    if (sample === 0) picture.end();
  }
  const differences = comparisons.map((comparison) => comparison.difference());
  const fidelity: Fidelity = {
    chosen: chosen.name,
    dt: chosen.dt,
    samples: stimuli.length,
    steps: stimuli.reduce((sum, { steps }) => sum + steps, 0),
    differences,
    notes: [...differentSteps(nets), ...missingNodes(chosen, differences), ...silence(nets, differences)],
  };
  return { fidelity, charts: picture.charts() };
}

function differentSteps([chosen, ...others]: readonly WatchedNet[]): string[] {
  return others
    .filter(({ dt }) => dt !== chosen!.dt)
    .map(({ name, dt }) => `A step of ${name} is ${dt} s, one of ${chosen!.name} ${chosen!.dt} s; steps are compared.`);
}

function missingNodes({ name }: WatchedNet, differences: readonly RuleDifference[]): string[] {
  return differences
    .filter(({ apart }) => apart.length > 0)
    .map(({ rule, apart }) => `Not compared: ${apart.join(', ')}, which ${name} and ${rule} do not both have.`);
}

function silence([chosen]: readonly WatchedNet[], differences: readonly RuleDifference[]): string[] {
  const nodes = differences.flatMap((difference) => difference.nodes);
  const canSpike = chosen!.spikes.size > 0 && nodes.length > 0;
  const isSilent = canSpike && nodes.every(({ spikes: [mine, theirs] }) => mine + theirs === 0);
  return isSilent ? ['No neuron spiked under any rule: spikes can differ only where the input is stronger.'] : [];
}
