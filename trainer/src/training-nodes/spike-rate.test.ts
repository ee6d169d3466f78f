import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpret } from '../graph/interpret.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { Signal } from '../lowering/signal.ts';
import { spikeRateNode } from './spike-rate.ts';

const x = [0, 0.3, 0.5, 0.8, 4];

function ratesOf(learns: boolean, rest: readonly number[]): number[] {
  const signal = Signal.held(given('x', [1, 5]), 1);
  const { rows } = spikeRateNode()
    .lower(() => given('rest', [1, 5]), learns)
    .over(signal);
  const program = programOf({ rows });
  const numbers = new Map(Object.entries({ x, rest }).filter(([name]) => program.inputs.has(name)));
  return [...interpret(program, numbers).get('rows')!];
}

/** Spikes in 60 steps of a membrane that begins anew with each. */
function spikesUnder(current: number): number {
  let [v, spikes] = [0, 0];
  for (let step = 0; step < 60; step++) {
    v += current;
    if (v < 1) continue;
    spikes++;
    v = 0;
  }
  return spikes;
}

it('gives the rate of a neuron with hard reset', () => {
  expect(ratesOf(false, [])).toEqual(x.map((current) => spikesUnder(current) / 60));
});

it('has a drawn number in place of the rest while it learns', () => {
  const rest = [0.5, 0, 0.25, 0.75, 1];
  const found = ratesOf(true, rest);
  for (const [k, value] of x.entries()) {
    expect(found[k]).toBeCloseTo(value === 0 ? 0 : 1 / (1 / value + rest[k]!), 12);
  }
  const drawn = new Float32Array(10_000);
  spikeRateNode().draw!(() => drawn, new RandomGenerator(1, 'test'));
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(1);
  expect(drawn.reduce((sum, each) => sum + each, 0) / drawn.length).toBeCloseTo(0.5, 2);
});
