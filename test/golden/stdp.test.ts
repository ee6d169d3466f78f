import { type Model, parseModel } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { readGolden } from './data.ts';

/** A case of `data/stdp`: synapses that share one post neuron, and their weights just after each spike. */
interface GoldenCase {
  readonly params: Readonly<Record<string, number | string>>;
  readonly bounds: readonly [number, number] | null;
  readonly T: number;
  readonly grid_ms: number;
  readonly synapses: readonly {
    readonly pre: readonly number[];
    readonly post: readonly number[];
    readonly w0: number;
    readonly events: readonly (readonly [time: number, side: 'pre' | 'post', weight: number])[];
    readonly w_end: number;
  }[];
}

const dt = 1e-4;

/** Names and units of the file into those of the rule. */
function learningOf(rule: string, { params, bounds }: GoldenCase) {
  const parameters = Object.entries(params).map(([name, value]) => {
    const key = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    return [key, key.startsWith('tau') && typeof value === 'number' ? value / 1000 : value];
  });
  return { rule, ...Object.fromEntries(parameters), ...(bounds && { bounds }) };
}

/** A post neuron without memory that spikes when the second input says so, whatever the learned weights bring. */
function modelOf(rule: string, golden: GoldenCase): Model {
  return parseModel({
    nodes: {
      pre: { type: 'Input', shape: [golden.synapses.length] },
      spike: { type: 'Input', shape: [1] },
      learned: { type: 'Linear', weight: [golden.synapses.map(({ w0 }) => w0)] },
      force: { type: 'Linear', weight: [[1e6]] },
      post: { type: 'LIF', tau: dt, r: 1, v_threshold: 5e5 },
      out: { type: 'Output', shape: [1] },
    },
    edges: [
      ['pre', 'learned'],
      ['learned', 'post'],
      ['spike', 'force'],
      ['force', 'post'],
      ['post', 'out'],
    ],
    semantics: { dt, integrate: 'euler', reset: 'value' },
    learning: { learned: learningOf(rule, golden) },
  });
}

/** Runs the spikes of a case and returns the largest difference of any weight after any spike. */
function largestDifference(net: RunningNetwork, golden: GoldenCase): number {
  const stepOf = (time: number) => Math.round(time / golden.grid_ms);
  const indexOf = (name: string) => net.graph.nodes.findIndex((node) => node.name === name);
  const post = new Set(golden.synapses[0]!.post.map(stepOf));
  const pre = golden.synapses.map((synapse) => new Set(synapse.pre.map(stepOf)));
  const due = new Map<number, [synapse: number, weight: number][]>();
  golden.synapses.forEach(({ events }, synapse) => {
    for (const [time, , weight] of events) due.set(stepOf(time), [...(due.get(stepOf(time)) ?? []), [synapse, weight]]);
  });
  const input = new EventBuffer(1 + pre.length);
  const output = new EventBuffer(1);
  let largest = 0;
  let spikes = 0;
  for (let step = 0; step <= stepOf(golden.T); step++) {
    input.clear();
    output.clear();
    pre.forEach((steps, synapse) => {
      if (steps.has(step)) input.push(0, indexOf('pre'), synapse, 1);
    });
    if (post.has(step)) input.push(0, indexOf('spike'), 0, 1);
    net.run(1, input, output);
    spikes += output.length;
    const expected = due.get(step);
    if (expected === undefined) continue;
    const weights = net.readWeights('learned');
    for (const [synapse, weight] of expected) largest = Math.max(largest, Math.abs(weights[synapse]! - weight));
  }
  expect(spikes).toBe(post.size);
  const weights = net.readWeights('learned');
  golden.synapses.forEach(({ w_end }, synapse) => {
    largest = Math.max(largest, Math.abs(weights[synapse]! - w_end));
  });
  return largest;
}

describe('plasticity rules against sums over pairs that were also run in Brian2', () => {
  const cases = [
    ['pair_all_to_all', 'stdp'],
    ['power_law', 'power-law'],
    ['triplet_minimal', 'triplet'],
  ] as const;
  const engines = [
    ['reference', 1e-12],
    ['clocked', 1e-5],
  ] as const;

  for (const [file, rule] of cases) {
    for (const [engine, tolerance] of engines) {
      it(`${file} in the engine ${engine} within ${tolerance}`, () => {
        const golden = readGolden(`stdp/${file}.json`) as GoldenCase;
        const net = engineNamed(engine).load(modelOf(rule, golden));
        expect(largestDifference(net, golden)).toBeLessThan(tolerance);
      });
    }
  }
});
