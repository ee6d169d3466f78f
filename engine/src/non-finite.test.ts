import { type Model, parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../test/chain.ts';
import type { RunningNetwork } from './engine.ts';
import { engines } from './engines/engines.ts';
import { EventBuffer } from './event-buffer.ts';
import { describeNonFinite, FiniteWatch, findNonFinite } from './non-finite.ts';

/**
 * A read-out whose time constant is a tenth of a step: forward Euler makes it swing nine times as wide in every step.
 */
function swinging(integrate: 'euler' | 'exact'): Model {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      filter: { type: 'Lowpass', tau: 0.001 },
      out: { type: 'Output', shape: [2] },
    },
    edges: chain('in', 'filter', 'out'),
    semantics: { dt: 0.01, integrate },
  });
}

/** Runs window by window after one spike of input 1; returns the step at which a watch first says so. */
function noticedAt(net: RunningNetwork, window: number, steps: number): number | undefined {
  const watch = new FiniteWatch();
  const [input, output] = [new EventBuffer(1), new EventBuffer(2 * window)];
  input.push(0, 0, 1, 1);
  while (net.step < steps) {
    output.clear();
    net.run(window, input, output);
    input.clear();
    if (watch.look(net) !== undefined) return net.step;
  }
  return undefined;
}

const real = engines.filter(({ name }) => name !== 'integer').map((engine) => [engine.name, engine] as const);

describe('membranes that leave the numbers', () => {
  it.each(real)('are noticed in %s', (_name, engine) => {
    const net = engine.load(swinging('euler'));
    const step = noticedAt(net, 10, 2000)!;
    // 9^k is beyond 2^100 after 32 steps; what is not seen then is seen after twice as many.
    expect(step).toBeGreaterThan(30);
    expect(step).toBeLessThanOrEqual(80);
    expect(findNonFinite(net)).toEqual({ neurons: 1, node: 'filter' });
    expect(describeNonFinite(findNonFinite(net)!)).toMatch(/^node "filter": a membrane left all bounds;/);
  });

  it.each(real)('are not where they stay in bounds, in %s', (_name, engine) => {
    expect(noticedAt(engine.load(swinging('exact')), 10, 2000)).toBeUndefined();
  });

  it('are looked at anew in a net that went back to a state of before', () => {
    const [net, watch] = [engines[0]!.load(swinging('euler')), new FiniteWatch()];
    const [input, output] = [new EventBuffer(1), new EventBuffer(2000)];
    const start = net.save();
    input.push(0, 0, 1, 1);
    net.run(1000, input, output);
    expect(watch.look(net)).toBeDefined();
    net.restore(start);
    expect(watch.look(net)).toBeUndefined();
    output.clear();
    net.run(100, input, output);
    expect(watch.look(net)).toBeDefined();
  });

  it('are looked at seldom', () => {
    const net = engines[0]!.load(swinging('exact'));
    let looked = 0;
    const counted = new Proxy(net, {
      get(target, key) {
        if (key === 'readState') looked++;
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    noticedAt(counted, 1, 5000);
    // Steps 1, 2, 4, … 512, 1024, and every thousand after it.
    expect(looked).toBeGreaterThanOrEqual(12);
    expect(looked).toBeLessThanOrEqual(16);
  });
});
