import type { Model } from '@spikewire/models';
import { compareRules } from '../fidelity/fidelity.ts';
import { usualInput } from '../fidelity/fidelity-page.ts';
import { type RandomInput, randomStimuli } from '../fidelity/stimulus.ts';
import type { LoihiForm } from './quantize.ts';

/** How the spikes of a net in Loihi's integers differ from those of its float model, on random input. */
export interface LoihiLoss {
  readonly input: RandomInput;
  /** Of all populations. */
  readonly spikes: readonly [float: number, loihi: number];
  /** Spikes that only one of both has in that neuron and step, as a share of the spikes of both; 0 … 1. */
  readonly differing: number;
  /** The same where each population's spikes are moved by the steps with which fewest differ. */
  readonly differingMoved: number;
  readonly nodes: readonly NodeLoss[];
}

export interface NodeLoss {
  readonly node: string;
  readonly spikes: readonly [float: number, loihi: number];
  readonly differing: number;
  /** The steps by which Loihi's spikes are later, and what then differs. */
  readonly late: number;
  readonly differingMoved: number;
}

/**
 * Runs the float model and its form on Loihi on the same random spikes, each sample from a fresh start. The chip itself
 * is not asked: its compartments are those of `LoihiLIF`.
 */
export async function lossOf(model: Model, form: LoihiForm, input: RandomInput = usualInput): Promise<LoihiLoss> {
  const rules = [
    { name: 'float', model },
    { name: 'loihi', model: form.model },
  ];
  const { fidelity } = await compareRules(rules, randomStimuli(model, input));
  const nodes = fidelity.differences[0]!.nodes.map(({ node, spikes, differing, delay }): NodeLoss => {
    // A delay is what moves the other's spikes onto those of the chosen net.
    const [late, differingMoved] = [delay?.steps ?? 0, delay?.differing ?? differing];
    return { node, spikes, differing, late, differingMoved };
  });
  const sum = (side: 0 | 1) => nodes.reduce((total, { spikes }) => total + spikes[side], 0);
  const all = sum(0) + sum(1);
  const share = (of: (node: NodeLoss) => number) =>
    all === 0 ? 0 : nodes.reduce((total, node) => total + of(node) * (node.spikes[0] + node.spikes[1]), 0) / all;
  return {
    input,
    spikes: [sum(0), sum(1)],
    differing: share((node) => node.differing),
    differingMoved: share((node) => node.differingMoved),
    nodes,
  };
}
