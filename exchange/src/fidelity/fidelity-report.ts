import type { JsonObject, RuleModel, Stimulus } from '@spikewire/models';
import { percent } from '../report/percent.ts';
import type { Report, Table } from '../report/report.ts';
import { compareRules, type Fidelity, type FidelityOptions } from './fidelity.ts';
import type { LargestDifference, NodeDifference } from './node-difference.ts';
import type { RuleDifference } from './rule-comparison.ts';

export interface FidelityReportOptions extends FidelityOptions {
  /** What the input is, as a sentence: `Random input: …` or `Input of spikes.json.` */
  readonly input: string;
}

/**
 * The report of a comparison of step rules: how the first net's spikes, answers and membranes differ from those of each
 * other, in figures, as a table per rule, and as a picture of the first Output.
 */
export async function fidelityReport(
  rules: readonly RuleModel[],
  stimuli: readonly Stimulus[],
  { input, ...options }: FidelityReportOptions,
): Promise<Report> {
  const { fidelity, charts } = await compareRules(rules, stimuli, options);
  const tables = [overview(fidelity, input), ...fidelity.differences.map((each) => tableOf(fidelity, each))];
  return { document: { input, ...fidelity } as unknown as JsonObject, tables, charts };
}

function overview({ chosen, dt, samples, steps, differences, notes }: Fidelity, input: string): Table {
  const size = `${samples} samples, ${steps} steps of ${dt} s in all.`;
  const meaning =
    `Each row runs the same net under another step rule and compares it with ${chosen}. A spike differs where only one ` +
    'of both nets has it in that neuron and step. The answer of a sample is the output element with the largest sum.';
  return {
    title: `The net under ${chosen} and under other step rules`,
    note: [input, size, meaning, ...notes].join(' '),
    head: ['rule', ...['first different spike', 'samples with different spikes', `spikes under ${chosen}`]].concat(
      ['spikes under the rule', 'different spikes', 'if delayed', 'other answers', 'largest membrane difference'],
      ['before the first different spike'],
    ),
    rows: differences.map((each) => overviewRow(each, samples)),
  };
}

function overviewRow({ rule, first, nodes, answers, membraneBefore, ...of }: RuleDifference, samples: number) {
  const [chosen, other] = [0, 1].map((side) => nodes.reduce((sum, { spikes }) => sum + spikes[side]!, 0)) as [
    number,
    number,
  ];
  const differing = nodes.reduce((sum, { spikes, differing: share }) => sum + share * (spikes[0] + spikes[1]), 0);
  const delayed = nodes.filter(({ delay }) => delay !== undefined);
  const judged = answers.filter((answer) => answer.differing !== null);
  const largest = nodes.flatMap(({ membrane }) => membrane ?? []);
  return [
    rule,
    first === null ? 'none' : `sample ${first.sample}, step ${first.step}, ${first.node}[${first.neuron}]`,
    `${of.samples} of ${samples}`,
    String(chosen),
    String(other),
    percent(chosen + other === 0 ? 0 : differing / (chosen + other)),
    delayed.length === 0 ? '–' : delayed.map(({ node, delay }) => `${node} ${delayText(delay!)}`).join(', '),
    judged.length === 0 ? '–' : judged.map((answer) => percent(answer.differing!)).join(', '),
    largest.length === 0 ? '–' : sizeText(largest.reduce(larger)),
    membraneBefore === null ? '–' : membraneBefore.toPrecision(3),
  ];
}

function tableOf({ chosen }: Fidelity, { rule, first, nodes }: RuleDifference): Table {
  return {
    title: `${rule} instead of ${chosen}`,
    note: first === null ? `All spikes are the same under ${chosen} and ${rule}.` : firstText(chosen, rule, first),
    head: [
      'node',
      'neurons',
      `spikes under ${chosen}`,
      `spikes under ${rule}`,
      'different spikes',
      'if delayed',
    ].concat('largest membrane difference', 'at'),
    rows: nodes.map((each) => nodeRow(each)),
  };
}

function firstText(chosen: string, rule: string, { sample, step, node, neuron, spikes }: FirstDifferent): string {
  const times = (count: number) => (count === 0 ? 'no spike' : count === 1 ? 'a spike' : `${count} spikes`);
  const place = `In sample ${sample}, step ${step}, neuron ${neuron} of "${node}"`;
  return `${place} gives ${times(spikes[0])} under ${chosen} and ${times(spikes[1])} under ${rule}: the first difference.`;
}

type FirstDifferent = NonNullable<RuleDifference['first']>;

function nodeRow({ node, neurons, spikes, differing, delay, membrane }: NodeDifference): string[] {
  return [
    node,
    String(neurons),
    ...spikes.map(String),
    percent(differing),
    delay === undefined ? '–' : delayText(delay),
    membrane === undefined ? '–' : sizeText(membrane),
    membrane === undefined ? '–' : `sample ${membrane.sample}, step ${membrane.step}, [${membrane.neuron}]`,
  ];
}

/** `+1 step: 0.00 %`: what differs of the spikes once the other rule's are moved by its delay. */
function delayText({ steps, differing }: NonNullable<NodeDifference['delay']>): string {
  return `${steps > 0 ? '+' : '−'}${Math.abs(steps)} ${Math.abs(steps) === 1 ? 'step' : 'steps'}: ${percent(differing)}`;
}

function sizeText({ size }: LargestDifference): string {
  return size === null ? 'not finite' : size.toPrecision(3);
}

function larger(a: LargestDifference, b: LargestDifference): LargestDifference {
  return b.size === null || (a.size !== null && b.size > a.size) ? b : a;
}
