import { parseModel, type Semantics } from '@spikewire/models';
import { simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { readGolden } from './data.ts';

interface Condition {
  readonly input:
    | { readonly kind: 'step'; readonly amp: number; readonly on_ms: number; readonly off_ms: number }
    | { readonly kind: 'poisson'; readonly weight: number; readonly tau_s_ms: number };
  readonly spike_times_ms: readonly number[];
  readonly converged: { readonly max_spike_shift_ms: number | null };
  readonly trace_1ms: { readonly v: readonly number[] };
}

interface Golden {
  readonly params: Readonly<Record<string, number>>;
  readonly init: Readonly<Record<string, number>>;
  readonly T_ms: number;
  readonly conditions: readonly Condition[];
}

const dtMs = 0.01;
const dt = dtMs / 1000;
const stepsPerMs = 100;

function goldenOf(name: string): Golden {
  return readGolden(`neurons/${name}.json`) as Golden;
}

/** The current in every step: a rectangle, or the exponential synapse that the Poisson train drives. */
function currentOf({ input }: Condition, steps: number): number[] {
  if (input.kind === 'step') {
    // Brian2 reads the current at the beginning, in the middle and at the end of a step (Runge–Kutta), also where it
    // jumps at the end.
    const isOn = (k: number) => k >= input.on_ms * stepsPerMs && k < input.off_ms * stepsPerMs;
    return Array.from({ length: steps }, (_, k) => (input.amp * (5 * Number(isOn(k)) + Number(isOn(k + 1)))) / 6);
  }
  const { times_ms: times } = readGolden('neurons/poisson_input.json') as { times_ms: number[] };
  const jumps = new Float64Array(steps + 1);
  for (const time of times) jumps[Math.round(time / dtMs)]! += input.weight;
  // A constant current that carries the charge of the decaying one over each step.
  const keep = Math.exp(-dtMs / input.tau_s_ms);
  const mean = ((1 - keep) * input.tau_s_ms) / dtMs;
  let current = 0;
  return Array.from({ length: steps }, (_, k) => {
    current += jumps[k]!;
    const carried = current * mean;
    current *= keep;
    return carried;
  });
}

function run(node: Record<string, unknown>, integrate: Semantics['integrate'], golden: Golden, condition: Condition) {
  const model = parseModel({
    nodes: { in: { type: 'Input', shape: [1] }, cell: node },
    edges: [['in', 'cell']],
    semantics: { dt, integrate, threshold: 'gt', reset: 'value' },
  });
  const steps = golden.T_ms * stepsPerMs;
  const dense = { in: currentOf(condition, steps).map((current) => [current]) };
  const { spikes, traces } = simulate(model, { dt, steps, dense }, { record: [{ what: 'spikes' }, { what: 'v' }] });
  return { times: spikes.cell!.map(([step]) => step * dtMs), membrane: traces.cell!.v!.map(([v]) => v!) };
}

function titleOf({ input }: Condition): string {
  return input.kind === 'step' ? `step of ${input.amp}` : `Poisson input of weight ${input.weight}`;
}

/** Largest difference where no spike of either run is near: at a spike the membranes differ by the whole reset. */
function largestDifference(
  { membrane, times }: { membrane: readonly number[]; times: readonly number[] },
  { trace_1ms: { v }, spike_times_ms }: Condition,
  windowMs: number,
): number {
  const spikes = [...times, ...spike_times_ms];
  let largest = 0;
  v.forEach((expected, ms) => {
    // Brian2 samples before the step at that time; here the value stands at the end of the step before.
    if (ms === 0 || spikes.some((time) => Math.abs(time - ms) <= windowMs)) return;
    largest = Math.max(largest, Math.abs(membrane[ms * stepsPerMs - 1]! - expected));
  });
  return largest;
}

/**
 * Spikes within the convergence of the golden run, and membranes within what two steps of its largest current move
 * them.
 */
function compare(
  node: Record<string, unknown>,
  integrate: Semantics['integrate'],
  name: string,
  condition: Condition,
  climb: (current: number) => number,
  spikeMs = 1,
) {
  const golden = goldenOf(name);
  const answer = run(node, integrate, golden, condition);
  const tolerance = (condition.converged.max_spike_shift_ms ?? 0) + dtMs;
  expect(answer.times).toHaveLength(condition.spike_times_ms.length);
  condition.spike_times_ms.forEach((time, k) => {
    expect(Math.abs(answer.times[k]! - time), `spike ${k}`).toBeLessThanOrEqual(tolerance + 1e-9);
  });
  const largestCurrent = Math.max(...currentOf(condition, golden.T_ms * stepsPerMs));
  expect(largestDifference(answer, condition, spikeMs)).toBeLessThan(2 * dtMs * climb(largestCurrent) + 1e-6);
}

describe('golden neurons (Brian2)', () => {
  for (const condition of goldenOf('if').conditions) {
    it(`IF, ${titleOf(condition)}`, () => {
      const { C, v_th, v_reset } = goldenOf('if').params;
      const node = { type: 'IF', r: 1000 / C!, v_threshold: v_th, v_reset };
      compare(node, 'euler', 'if', condition, (current) => current / C!);
    });
  }

  for (const condition of goldenOf('lif').conditions) {
    it(`LIF, ${titleOf(condition)}`, () => {
      const { tau, R, v_rest, v_th, v_reset } = goldenOf('lif').params;
      // Brian2 holds one refractory step fewer than 2 ms have, counted from the step after the spike.
      const node = {
        type: 'LIF',
        tau: tau! / 1000,
        r: R,
        v_leak: v_rest,
        v_threshold: v_th,
        v_reset,
        tau_ref: 0.002 - dt,
      };
      compare(node, 'exact', 'lif', condition, (current) => (R! * current) / tau!);
    });
  }

  for (const condition of goldenOf('hodgkin_huxley').conditions) {
    it(`Hodgkin–Huxley, ${titleOf(condition)}`, () => {
      const { params, init } = goldenOf('hodgkin_huxley');
      const node = {
        type: 'HodgkinHuxley',
        g_na: params.gNa,
        g_k: params.gK,
        g_l: params.gL,
        e_na: params.ENa,
        e_k: params.EK,
        e_l: params.EL,
        c: params.C,
        v_initial: init.v,
      };
      // Away from spikes the membrane moves by less than 10 mV/ms.
      compare(node, 'rk4', 'hodgkin_huxley', condition, () => 10, 3);
    });
  }

  for (const condition of goldenOf('izhikevich_RS').conditions) {
    it(`Izhikevich RS, ${titleOf(condition)}`, () => {
      const { params, init } = goldenOf('izhikevich_RS');
      const node = { type: 'Izhikevich', ...params, v_initial: init.v, u_initial: init.u };
      compare(node, 'rk4', 'izhikevich_RS', condition, () => 10, 3);
    });
  }
});
