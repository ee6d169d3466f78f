import { SpikewireError } from '../error.ts';
import type { Adaptation } from '../neurons/adaptation.ts';
import type { ParameterTable, PlainParameters } from '../parameters/declaration.ts';
import type { Fatigue, PlasticitySite, PlasticityTarget, PlasticityView, TraceDeclaration } from './rule.ts';

/** Shape of the pseudo-derivative of a spike. */
export const pseudoDerivativeParameters = {
  width: { doc: 'half width of the pseudo-derivative around θ', form: 'number', default: 1, above: 0 },
  dampening: { doc: 'height of the pseudo-derivative at θ', form: 'number', default: 0.3, above: 0 },
} as const satisfies ParameterTable;

/** What a gradient needs of the post neurons: traces to declare, and ∂output/∂v of neuron j from them. */
export interface PseudoDerivative {
  readonly traces: readonly TraceDeclaration[];
  at(j: number, view: PlasticityView): number;
  /** What a spike does to the threshold, where that adapts. */
  readonly fatigue?: Fatigue;
}

/** Indices of the traces of a target that spikes; one that emits its state has the first or none. */
const [MEMBRANE, SPIKES, REST, THETA] = [0, 1, 2, 3] as const;

/**
 * The slope that gradients use in place of a spike's (Bellec et al. 2020, eq. 4): dampening · max(0, 1 − |v −
 * θ|/width), with θ as adaptation has raised it, and 0 while the neuron rests. Where it spikes, the reset has already
 * happened: one that subtracts tells by how much v was past θ; one to a value does not, and v counts as θ. A target
 * that emits its state has its own slope. Throws `learning` without a single target, with one whose threshold is
 * unknown, or whose neurons adapt at different paces.
 */
export function pseudoDerivative(
  { width, dampening }: PlainParameters<typeof pseudoDerivativeParameters>,
  { target, where, dt }: PlasticitySite,
): PseudoDerivative {
  if (target === undefined) {
    throw new SpikewireError('learning', where, 'needs the slope of its target', 'a single target, a neuron node');
  }
  if (target.emits === 'state') return stateDerivative(target.slope);
  const { firing } = target;
  if (firing === undefined) {
    throw new SpikewireError('learning', where, 'needs the threshold of its target', 'IF, LIF, CubaLIF, SRM0 or ALIF');
  }
  const { threshold, resetValue, refractorySteps, reset } = firing;
  const fatigue = target.adaptation && fatigueOf(target.adaptation, dt, where);
  /** By how much v was past the threshold at so many spikes of a step. */
  const overshoot = (j: number, v: number, spikes: number) =>
    reset === 'value' ? 0 : v - resetValue[j]! + (spikes - 1) * (threshold[j]! - resetValue[j]!);
  return {
    traces: [
      { name: 'membrane', side: 'post', mode: 'membrane' },
      { name: 'spikes', side: 'post', mode: 'add', tau: 0 },
      { name: 'rest', side: 'post', mode: 'rest', steps: refractorySteps },
      ...(fatigue === undefined ? [] : [{ name: 'theta', side: 'post', mode: 'add', tau: fatigue.tau } as const]),
    ],
    at(j, { post }) {
      const v = post[MEMBRANE]!.at(j);
      const spikes = post[SPIKES]!.at(j);
      if (spikes === 0 && post[REST]!.at(j) > 0) return 0;
      const raised = fatigue === undefined ? 0 : fatigue.rise[j]! * post[THETA]!.at(j);
      const past = spikes === 0 ? v - threshold[j]! - raised : overshoot(j, v, spikes);
      return dampening * Math.max(0, 1 - Math.abs(past) / width);
    },
    ...(fatigue && { fatigue }),
  };
}

function stateDerivative(slope: PlasticityTarget['slope']): PseudoDerivative {
  if (slope === undefined) return { traces: [], at: () => 1 };
  return {
    traces: [{ name: 'membrane', side: 'post', mode: 'membrane' }],
    at: (j, { post }) => slope(post[MEMBRANE]!.at(j), j),
  };
}

function fatigueOf({ initial, rise, decay }: Adaptation, dt: number, where: string): Fatigue {
  if (initial.some((theta) => theta !== 0) || decay.some((factor) => factor !== decay[0])) {
    const problem = 'has a target whose thresholds start raised or fall back at different paces';
    throw new SpikewireError('learning', where, problem, 'one tau_theta, and no theta_initial');
  }
  if (!(decay[0]! >= 0)) {
    const problem = 'has a target whose thresholds swing to the other side as they fall back, by Euler';
    throw new SpikewireError('learning', where, problem, 'tau_theta of at least dt');
  }
  return { tau: decay[0] === 1 ? Number.POSITIVE_INFINITY : -dt / Math.log(decay[0]!), rise };
}
