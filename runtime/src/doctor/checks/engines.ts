import { engines as all } from '@spikewire/engine';
import type { Engine } from '@spikewire/engine/network';
import { EventBuffer } from '@spikewire/engine/network';
import { type Model, parseModel, quantize } from '@spikewire/models';
import type { Check } from './check.ts';

const STEPS = 8;

/**
 * τ = dt forgets the last step, so that a neuron driven at twice its threshold spikes in every step, in every number
 * format.
 */
const trial = {
  nodes: {
    in: { type: 'Input', shape: [1] },
    weight: { type: 'Linear', weight: [[2]] },
    neuron: { type: 'LIF', tau: 0.001, r: 1, v_leak: 0, v_threshold: 1 },
    out: { type: 'Output', shape: [1] },
  },
  edges: [
    ['in', 'weight'],
    ['weight', 'neuron'],
    ['neuron', 'out'],
  ],
  semantics: { dt: 0.001 },
};

/** Which engines this machine has; each runs a net of one neuron. */
export const engines: Check = {
  name: 'engines',
  async look() {
    const float = parseModel(trial);
    const integer = quantize(float, { bits: 8 });
    const failures = all.flatMap((engine) => {
      const problem = tryEngine(engine, float, integer);
      return problem === undefined ? [] : [{ state: 'bad' as const, found: `${engine.name}: ${problem}` }];
    });
    if (failures.length > 0) return failures;
    return { state: 'ok', found: `${all.map(({ name }) => name).join(', ')}: each ran a test net` };
  },
};

/** What is wrong with an engine that runs neither form of the trial, or runs it wrong. */
function tryEngine(engine: Engine, ...forms: readonly Model[]): string | undefined {
  const outcomes = forms.map((model) => runTrial(engine, model));
  const counts = outcomes.filter((outcome) => typeof outcome === 'number');
  if (counts.length === 0) return [...new Set(outcomes)].join('; ');
  const wrong = counts.find((count) => count !== STEPS);
  return wrong === undefined ? undefined : `a test net gave ${wrong} spikes; expected ${STEPS}`;
}

/** Spikes of the trial, or why it does not run. */
function runTrial(engine: Engine, model: Model): number | string {
  try {
    const network = engine.load(model);
    const input = new EventBuffer(STEPS);
    const index = network.graph.nodes.findIndex(({ name }) => name === 'in');
    for (let step = 0; step < STEPS; step++) input.push(step, index, 0, 1);
    network.run(STEPS, input, new EventBuffer(STEPS));
    return network.counters.spikes;
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
}
