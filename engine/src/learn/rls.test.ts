import { demandOf, parseModel, RandomGenerator, resolveGraph } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { engineNamed } from '../engines/engines.ts';
import { InProcessExecutor } from '../executor/in-process.ts';

const [INPUTS, OUTPUTS, STEPS, RIDGE] = [5, 2, 8, 0.5];
const dt = 0.001;

/** A read-out that adds up the weights of the spikes of each sample. */
function modelOf(inputs = INPUTS) {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      decode: { type: 'Linear', weight: Array.from({ length: OUTPUTS }, () => Array(inputs).fill(0)) },
      sum: { type: 'I', r: 1 / dt },
      out: { type: 'Output', shape: [OUTPUTS] },
    },
    edges: chain('in', 'decode', 'sum', 'out'),
    semantics: { dt },
    learning: { decode: { rule: 'rls', ridge: RIDGE } },
    sample: { steps: STEPS, between: 'reset' },
  });
}

const open = (engine: string) => new InProcessExecutor(engineNamed(engine), modelOf());

/** Spikes drawn for a sample, how many each input has, and the target: a linear function of these. */
function drawSample(random: RandomGenerator) {
  const events: [number, number][] = [];
  const counts = Array(INPUTS).fill(0);
  for (let step = 0; step < STEPS; step++) {
    for (let index = 0; index < INPUTS; index++) {
      if (random.nextUniform() > 0.3) continue;
      events.push([step, index]);
      counts[index]++;
    }
  }
  const input = {
    step: Int32Array.from(events, ([step]) => step),
    node: new Int32Array(events.length),
    index: Int32Array.from(events, ([, index]) => index),
    value: new Float64Array(events.length).fill(1),
  };
  const wanted = [1, -1].map((sign) => counts.reduce((sum, count, i) => sum + sign * (i - 1.5) * count, 0.0));
  return { input, counts, wanted };
}

/** Runs samples and teaches each by the error of its answer, which comes with the next window. */
function learn(executor: InProcessExecutor, random: RandomGenerator, samples: number) {
  const seen: { counts: number[]; wanted: number[] }[] = [];
  for (let k = 0; k < samples; k++) {
    const { input, counts, wanted } = drawSample(random);
    const { membranes } = executor.runNow({ steps: STEPS, input, fresh: true, membranes: ['sum'] });
    const signal = membranes.sum!.map((value, j) => value - wanted[j]!);
    const nothing = {
      step: new Int32Array(0),
      node: new Int32Array(0),
      index: new Int32Array(0),
      value: new Float64Array(0),
    };
    executor.runNow({ steps: 0, input: nothing, teach: [{ connection: 'decode', signal }] });
    seen.push({ counts, wanted });
  }
  return seen;
}

const weightsOf = ({ network }: InProcessExecutor) => network.readWeights('decode');

describe('rls', () => {
  it.each(['reference', 'clocked', 'event'])(
    'in %s finds the linear function, but for the ridge around 0',
    (engine) => {
      const executor = open(engine);
      const seen = learn(executor, new RandomGenerator(1, 'samples'), 200);
      // The gradient of Σ(y − d)² + ridge·|w|² is 0 there.
      for (let j = 0; j < OUTPUTS; j++) {
        const w = weightsOf(executor).slice(j * INPUTS, (j + 1) * INPUTS);
        for (let i = 0; i < INPUTS; i++) {
          const residual = ({ counts, wanted }: (typeof seen)[number]) =>
            counts.reduce((sum, count, k) => sum + count * w[k]!, -wanted[j]!);
          const gradient = seen.reduce((sum, sample) => sum + sample.counts[i]! * residual(sample), RIDGE * w[i]!);
          expect(Math.abs(gradient) / seen.length).toBeLessThan(1e-3);
        }
        expect(Math.abs(w[0]! - [-1.5, 1.5][j]!)).toBeLessThan(0.01);
      }
    },
  );

  it('goes on from a saved state bit for bit, and on another engine with what it remembers', async () => {
    const [first, same, other] = [open('clocked'), open('clocked'), open('reference')];
    learn(first, new RandomGenerator(1, 'samples'), 10);
    const state = await first.save();
    await same.restore(state);
    await other.restore(state);
    for (const executor of [first, same, other]) learn(executor, new RandomGenerator(2, 'samples'), 3);
    expect(weightsOf(same)).toEqual(weightsOf(first));
    for (const [k, weight] of weightsOf(other).entries()) expect(weight).toBeCloseTo(weightsOf(first)[k]!, 4);
    const forgetful = open('reference');
    learn(forgetful, new RandomGenerator(2, 'samples'), 3);
    expect(Math.abs(weightsOf(forgetful)[0]! - weightsOf(other)[0]!)).toBeGreaterThan(0.01);
  });

  it('forgets what it remembers with what it has learned', async () => {
    const [used, fresh] = [open('reference'), open('reference')];
    learn(used, new RandomGenerator(1, 'samples'), 10);
    await used.resetLearning();
    for (const executor of [used, fresh]) learn(executor, new RandomGenerator(2, 'samples'), 3);
    expect(weightsOf(used)).toEqual(weightsOf(fresh));
  });

  it('counts what it remembers in what a model asks for, and refuses connections on which it is not exact', () => {
    const demand = (inputs: number) => {
      const model = modelOf(inputs);
      return demandOf(model, resolveGraph(model.graph, model.semantics)).bytes;
    };
    // n numbers squared, half of them, at least those of one net.
    expect(demand(2000) - demand(1000)).toBeGreaterThan((4 * (2000 ** 2 - 1000 ** 2)) / 2);
    const graph = {
      fc: { type: 'Scale', scale: [1, 1] },
      in: { type: 'Input', shape: [2] },
      out: { type: 'Output', shape: [2] },
    };
    const scaled = parseModel({
      nodes: graph,
      edges: chain('in', 'fc', 'out'),
      learning: { fc: { rule: 'rls' } },
    });
    expect(() => engineNamed('reference').load(scaled)).toThrow(
      'learning of "fc": (rls) is on a connection of structure elementwise; expected dense',
    );
  });
});
