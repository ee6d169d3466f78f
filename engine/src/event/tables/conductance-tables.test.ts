import { type Model, type NeuronKind, parseModel, RandomGenerator, resolveGraph } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunningNetwork } from '../../engine.ts';
import { EventBuffer } from '../../event-buffer.ts';
import { referenceEngine } from '../../reference/reference.ts';
import { tabledEventEngine } from '../event.ts';
import { ConductanceTables } from './conductance-tables.ts';

const size = 3;

/** Neurons of Diehl and Cook 2015 behind two Inputs. */
function modelOf(integrate: string, parameters: object = {}, bias = 0): Model {
  const matrix = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
  return parseModel({
    nodes: {
      exciting: { type: 'Input', shape: [size] },
      inhibiting: { type: 'Input', shape: [size] },
      weights: { type: 'Affine', weight: matrix, bias: new Array(size).fill(bias) },
      cell: {
        ...{ type: 'ConductanceLIF', tau: 0.1, tau_e: 0.001, tau_i: 0.002, e_e: 0, e_i: -100, v_leak: -65 },
        ...{ v_threshold: -52, v_reset: -65, tau_ref: 0.005, theta_plus: 0.05, tau_theta: 10, ...parameters },
      },
      out: { type: 'Output', shape: [size] },
    },
    edges: [
      ['exciting', 'weights'],
      ['weights', 'cell', { port: 'excitatory' }],
      ['inhibiting', 'cell', { port: 'inhibitory' }],
      ['cell', 'out'],
    ],
    semantics: { dt: 1e-4, integrate },
  });
}

function cellOf(model: Model) {
  const resolved = resolveGraph(model.graph, model.semantics).nodes.find(({ name }) => name === 'cell')!;
  return { resolved, kind: resolved.kind as NeuronKind };
}

/** Spikes of 1 s with arrivals at `rate` Hz, of which every other inhibits. */
function play(net: RunningNetwork, rate: number): string[] {
  const random = new RandomGenerator(3, 'arrivals');
  const [input, output] = [new EventBuffer(20_000 * size), new EventBuffer(10_000)];
  const indices = ['exciting', 'inhibiting'].map((name) => net.graph.nodes.findIndex((node) => node.name === name));
  for (let step = 0; step < 10_000; step++) {
    for (let i = 0; i < size; i++) {
      if (random.nextUniform() >= rate * 1e-4) continue;
      const inhibits = random.nextUniform() < 0.5 ? 1 : 0;
      input.push(step, indices[inhibits]!, i, (inhibits ? 1 : 40) * random.nextUniform());
    }
  }
  net.run(10_000, input, output);
  return Array.from({ length: output.length }, (_, k) => `${output.step[k]}:${output.index[k]}`);
}

describe.each(['euler', 'exact', 'rk4'])('tables behind conductances by %s', (integrate) => {
  it('are where the equations are, and say of none that it is calm that spikes', () => {
    const { resolved, kind } = cellOf(modelOf(integrate, { tau: 0.01, tau_e: 0.005 }));
    const tables = ConductanceTables.of(resolved, kind, { bytes: 2 ** 21 }) as ConductanceTables;
    const { initial: state, step } = kind.prepare(resolved.node, size, resolved.semantics);
    const nothing = [new Float64Array(size), new Float64Array(size)];
    const flow = tables.over(state, []);
    let [held, calm] = [0, 0];
    fc.assert(
      fc.property(
        fc.double({ min: -110, max: -50, noNaN: true }),
        fc.double({ min: 0, max: 0.6, noNaN: true }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.integer({ min: 1, max: 400 }),
        (v, excitation, inhibition, theta, most) => {
          const start = { v, g_e: excitation, g_i: inhibition, theta, refractory: 0 };
          const put = () => {
            for (const [name, value] of Object.entries(start)) state[name]!.fill(value);
          };
          put();
          const quiet = flow.quietSteps(1);
          const steps = flow.forward(1, most);
          expect(steps).toBeLessThanOrEqual(most);
          const near = ['v', 'g_e', 'g_i', 'theta'].map((name) => state[name]![1]!);
          put();
          if (quiet === 0) return;
          calm++;
          let spikes = 0;
          for (let k = 0; k < steps; k++) spikes += step(1, nothing, state);
          if (steps > 0) held++;
          near.forEach((value, n) => {
            const exact = steps > 0 ? state[['v', 'g_e', 'g_i', 'theta'][n]!]![1]! : value;
            expect(Math.abs(value - exact)).toBeLessThan(1e-6);
          });
          for (let k = 0; k < 1000; k++) spikes += step(1, nothing, state);
          expect(spikes).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
    expect(held).toBeGreaterThan(200);
    expect(calm).toBeLessThan(950);
  });

  it('have the spikes of the reference, and hold nearly all the time where little arrives', () => {
    for (const rate of [5, 50]) {
      const model = modelOf(integrate);
      const net = tabledEventEngine.load(model);
      const spikes = play(net, rate);
      expect(spikes).toEqual(play(referenceEngine.load(model), rate));
      expect(spikes.length).toBeGreaterThan(2);
      expect(net.choice?.warning).toBeUndefined();
      expect(Number(/^tables for ([\d.]+) %/.exec(net.choice!.because!)![1])).toBeGreaterThan(rate === 5 ? 95 : 60);
    }
  });
});

describe('tables behind conductances', () => {
  it('say why there are none', () => {
    const { resolved, kind } = cellOf(modelOf('euler', { tau: [0.1, 0.2, 0.3] }));
    expect(ConductanceTables.of(resolved, kind, { bytes: 2 ** 22 })).toMatch(/need 3 tables, and there is room for 2$/);
    expect(tabledEventEngine.load(modelOf('euler', { v_min: -90 })).choice?.warning).toMatch(/without a floor/);
  });

  it('leave a neuron to its equations where something arrives all the time', () => {
    const model = modelOf('euler', {}, 0.25);
    const net = tabledEventEngine.load(model);
    const spikes = play(net, 5);
    expect(spikes).toEqual(play(referenceEngine.load(model), 5));
    expect(net.choice?.because).toMatch(/^tables for 0.0 %/);
  });
});
