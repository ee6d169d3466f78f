import { classifierModel, type Model, quantize, RandomGenerator } from '@spikewire/models';
import { engineNamed, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';

const INPUTS = 12;
const STEPS = 32;
const channels = Array.from({ length: INPUTS }, (_, k) => ({ name: `x${k}`, unit: '' }));
const model = classifierModel({ channels, neurons: 100, running: false, labels: ['a', 'b'], seed: 5 });

const random = new RandomGenerator(1, 'samples');
const samples = Array.from({ length: 20 }, () =>
  Array.from({ length: INPUTS }, () => Math.max(-4, Math.min(4, 1.5 * random.nextNormal())) / 4),
);

const numbers = (node: string, key: string) =>
  (model.graph.nodes.get(node)!.parameters[key] as { data: Float64Array }).data;

/** Spikes of a front neuron: v += (J − v)/8, a spike above 1 takes 1 off, never below 0. */
function countsOf(sample: readonly number[]): number[] {
  const [weight, target, offset] = ['weight', 'target', 'offset'].map((key) => numbers('in-front', key));
  const drive = Array.from(numbers('front', 'v_leak'));
  for (const [i, x] of sample.entries()) {
    for (let k = offset![i]!; k < offset![i + 1]!; k++) drive[target![k]!]! += weight![k]! * x;
  }
  return drive.map((current) => {
    let [v, count] = [0, 0];
    for (let step = 0; step < STEPS; step++) {
      v = Math.max(0, v + (current - v) / 8);
      if (v > 1) {
        v -= 1;
        count++;
      }
    }
    return count;
  });
}

function countsOn(engine: string, net: Model, sample: readonly number[]): number[] {
  const input = sample.flatMap((x, i) =>
    Array.from({ length: STEPS }, (_, step): [number, number, number] => [step, i, x]),
  );
  input.sort((a, b) => a[0] - b[0]);
  const { spikes } = simulate(net, { steps: STEPS, input: { in: input } }, { engine: engineNamed(engine) });
  const counts = new Array<number>(100).fill(0);
  for (const [, neuron] of spikes.out!) counts[neuron]! += 1;
  return counts;
}

/** Counts that differ, and the largest difference. */
function differences(engine: string, net: Model) {
  let [different, largest] = [0, 0];
  for (const sample of samples) {
    const expected = countsOf(sample);
    for (const [j, count] of countsOn(engine, net, sample).entries()) {
      if (count !== expected[j]) different++;
      largest = Math.max(largest, Math.abs(count - expected[j]!));
    }
  }
  return { share: different / (samples.length * 100), largest };
}

describe('the front of a classifier', () => {
  it('has spikes to tell samples apart', () => {
    const all = samples.flatMap(countsOf);
    expect(all.filter((count) => count > 0 && count < 31).length / all.length).toBeGreaterThan(0.4);
  });

  it.each(['reference', 'clocked', 'event'])('counts as its equations do on %s', (engine) => {
    const { share, largest } = differences(engine, model);
    expect(share).toBeLessThan(0.002);
    expect(largest).toBeLessThan(2);
  });

  it('counts nearly the same in int8: at most one count in five differs, none by more than 3', () => {
    const model8 = quantize(model, { bits: 8 });
    for (const engine of ['integer', 'clocked']) {
      const { share, largest } = differences(engine, model8);
      expect(share).toBeLessThan(0.2);
      expect(largest).toBeLessThan(4);
    }
    for (const sample of samples)
      expect(countsOn('clocked', model8, sample)).toEqual(countsOn('integer', model8, sample));
  });
});
