import { describe, expect, it } from 'vitest';
import { parseModel } from '../file/text/model.ts';
import { resolveGraph } from './resolve.ts';

function warningsOf(cell: Record<string, unknown>, semantics: Record<string, unknown> = {}): readonly string[] {
  const model = parseModel({
    nodes: { in: { type: 'Input', shape: [2] }, cell },
    edges: [['in', 'cell', cell.type === 'ConductanceLIF' ? { port: 'excitatory' } : {}]],
    semantics: { dt: 0.001, ...semantics },
  });
  return resolveGraph(model.graph, model.semantics).warnings;
}

const lif = { type: 'LIF', tau: 0.02, v_threshold: 1 };

describe('a step that is longer than the times of a neuron', () => {
  it.each<[node: Record<string, unknown>, semantics: Record<string, unknown>, warning: RegExp]>([
    [{ ...lif, tau: 0.0008 }, {}, /node "cell" \(LIF\): dt 0\.001 is longer than tau 0\.0008: the state overshoots/],
    [{ ...lif, tau: [0.02, 0.0004] }, {}, /longer than tau 0\.0004: the state swings ever wider/],
    [{ ...lif, tau: 0.0004 }, { integrate: 'exact' }, /longer than tau 0\.0004: little of a step is left/],
    [{ ...lif, tau_ref: 0.0004 }, {}, /longer than tau_ref 0\.0004: the neuron does not rest at all/],
    [{ ...lif, tau_ref: 0.0007 }, {}, /longer than tau_ref 0\.0007: the neuron rests for a whole step/],
    [{ type: 'LI', tau: 0.0001 }, {}, /longer than tau/],
    [{ type: 'Lowpass', tau: 0.0001 }, {}, /longer than tau/],
    [{ type: 'CubaLI', tau_syn: 0.0005, tau_mem: 0.02 }, {}, /longer than tau_syn 0\.0005/],
    [{ type: 'CubaLIF', tau_syn: 0.01, tau_mem: 0.0006, v_threshold: 1 }, {}, /longer than tau_mem 0\.0006/],
    [{ ...lif, type: 'ALIF', tau_theta: 0.0005 }, {}, /longer than tau_theta/],
    [{ ...lif, type: 'SRM0', tau_eta: 0.0005 }, {}, /longer than tau_eta/],
    [{ ...lif, type: 'ConductanceLIF', tau_e: 0.0005, tau_i: 0.01, e_e: 1, e_i: -1 }, {}, /longer than tau_e/],
    [{ ...lif, type: 'AdEx', delta_t: 0.1, v_peak: 2, tau_w: 0.0005 }, {}, /longer than tau_w/],
    [{ type: 'Izhikevich' }, { dt: 0.002 }, /dt 0\.002 is longer than 0\.001: its course of a spike is lost/],
    [{ type: 'HodgkinHuxley' }, { dt: 0.0001 }, /longer than 0\.00005/],
    [{ type: 'FitzHughNagumo' }, {}, /longer than 0\.0005/],
  ])('%j %j', (cell, semantics, warning) => {
    expect(warningsOf(cell, semantics)).toEqual([expect.stringMatching(warning)]);
  });

  it('is not said of steps that are short enough', () => {
    expect(warningsOf({ ...lif, tau: 0.001, tau_ref: 0.001 })).toEqual([]);
    expect(warningsOf({ ...lif, tau_ref: 0 })).toEqual([]);
    expect(warningsOf({ type: 'Izhikevich' })).toEqual([]);
  });
});

describe('bad parameters of a neuron', () => {
  it.each<[node: Record<string, unknown>, message: RegExp]>([
    [{ ...lif, tau: -0.02 }, /node "cell" \(LIF\)\.tau: is -0\.02; expected a number above 0/],
    [{ ...lif, tau_ref: -0.02 }, /\.tau_ref: is -0\.02; expected at least 0/],
    [{ type: 'CubaLIF', tau_syn: 0, tau_mem: 0.02, v_threshold: 1 }, /\.tau_syn: is 0; expected a number above 0/],
    [{ type: 'CubaLI', tau_syn: 0.01, tau_mem: -1 }, /\.tau_mem: is -1/],
    [{ ...lif, type: 'ALIF', tau_theta: -1 }, /\.tau_theta: is -1/],
    [{ ...lif, type: 'SRM0', tau_rise: -1 }, /\.tau_rise: is -1/],
    [{ ...lif, type: 'SRM0', kernel: 'square' }, /\.kernel: is "square"; expected exponential or alpha/],
    [{ ...lif, type: 'ConductanceLIF', tau_e: 0.01, tau_i: -0.01, e_e: 1, e_i: -1 }, /\.tau_i: is -0\.01/],
    [{ ...lif, type: 'AdEx', delta_t: 0, v_peak: 2, tau_w: 1 }, /\.delta_t: is 0/],
    [{ ...lif, type: 'AdEx', delta_t: 1, v_peak: 2, tau_w: -1 }, /\.tau_w: is -1/],
    [{ type: 'HodgkinHuxley', c: 0 }, /\.c: is 0/],
    [{ type: 'Threshold' }, /\.threshold: is missing/],
  ])('%j', (cell, message) => {
    expect(() => warningsOf(cell)).toThrow(message);
  });

  it.each(['Izhikevich', 'HodgkinHuxley', 'FitzHughNagumo', 'AdEx'])(
    '%s has no closed solution: "exact" is refused, of the node or of the model',
    (type) => {
      const cell = { type, ...(type === 'AdEx' ? { ...lif, type, delta_t: 1, v_peak: 2, tau_w: 1 } : {}) };
      const message = /node "cell" .* cannot be integrated with "exact"; expected semantics\.integrate euler or rk4/;
      expect(() => warningsOf(cell, { integrate: 'exact' })).toThrow(message);
      expect(() => warningsOf({ ...cell, semantics: { integrate: 'exact' } })).toThrow(message);
      expect(() => warningsOf({ ...cell, semantics: { integrate: 'rk4' } }, { integrate: 'exact' })).not.toThrow();
    },
  );
});
