import { SpikewireError } from '../error.ts';
import type { ParameterTable, PlainParameters } from '../parameters/declaration.ts';
import type { PlasticitySite, PlasticityView, TraceDeclaration } from './rule.ts';

/** Shape of the pseudo-derivative of a spike. */
export const pseudoDerivativeParameters = {
  width: { doc: 'half width of the pseudo-derivative around θ', form: 'number', default: 1, above: 0 },
  dampening: { doc: 'height of the pseudo-derivative at θ', form: 'number', default: 0.3, above: 0 },
} as const satisfies ParameterTable;

/** What a gradient needs of the post neurons: traces to declare, and ∂output/∂v of neuron j from them. */
export interface PseudoDerivative {
  readonly traces: readonly TraceDeclaration[];
  at(j: number, view: PlasticityView): number;
}

/**
 * The slope that gradients use in place of a spike's (Bellec et al. 2020, eq. 4): dampening · max(0, 1 − |v − θ|/width). Where a neuron
 * spikes, v counts as θ, because the reset has already happened. A target that emits its state has slope 1.
 * Throws `learning` without a single target, or with one whose threshold is unknown.
 */
export function pseudoDerivative(
  { width, dampening }: PlainParameters<typeof pseudoDerivativeParameters>,
  { target, where }: PlasticitySite,
): PseudoDerivative {
  if (target === undefined) {
    throw new SpikewireError('learning', where, 'needs the slope of its target', 'a single target, a neuron node');
  }
  if (target.emits === 'state') return { traces: [], at: () => 1 };
  const { threshold } = target;
  if (threshold === undefined) {
    throw new SpikewireError(
      'learning',
      where,
      'needs the threshold of its target',
      'a neuron whose v_threshold stays',
    );
  }
  return {
    traces: [
      { name: 'membrane', side: 'post', mode: 'membrane' },
      { name: 'spikes', side: 'post', mode: 'add', tau: 0 },
    ],
    at(j, { post }) {
      if (post[1]!.at(j) !== 0) return dampening;
      const distance = Math.abs(post[0]!.at(j) - threshold[j]!) / width;
      return distance < 1 ? dampening * (1 - distance) : 0;
    },
  };
}
