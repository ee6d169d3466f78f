import type { PlasticityKind } from './rule.ts';

/**
 * Triplet STDP, all-to-all (Pfister and Gerstner 2006, eq. 3 and 4). Pre traces r₁ (τ₊) and r₂ (τ_x), post traces o₁ (τ₋) and o₂ (τ_y):
 * at a post spike Δw = r₁·(A₂⁺ + A₃⁺·o₂), at a pre spike Δw = −o₁·(A₂⁻ + A₃⁻·r₂), all just before the spike. The defaults are the
 * paper's minimal model of visual cortex.
 */
export const triplet: PlasticityKind = {
  rule: 'triplet',
  signal: undefined,
  parameters: {
    a2Plus: { doc: 'A₂⁺, potentiation by pairs', form: 'elements', default: 0, minimum: 0 },
    a3Plus: { doc: 'A₃⁺, potentiation by triplets post–pre–post', form: 'elements', default: 6.5e-3, minimum: 0 },
    a2Minus: { doc: 'A₂⁻, depression by pairs', form: 'elements', default: 7.1e-3, minimum: 0 },
    a3Minus: { doc: 'A₃⁻, depression by triplets pre–post–pre', form: 'elements', default: 0, minimum: 0 },
    tauPlus: { doc: 'time constant τ₊ of r₁', unit: 's', form: 'elements', default: 0.0168, above: 0 },
    tauMinus: { doc: 'time constant τ₋ of o₁', unit: 's', form: 'elements', default: 0.0337, above: 0 },
    tauX: { doc: 'time constant τ_x of r₂', unit: 's', form: 'elements', default: 0.101, above: 0 },
    tauY: { doc: 'time constant τ_y of o₂', unit: 's', form: 'elements', default: 0.114, above: 0 },
  },
  prepare({ a2Plus, a3Plus, a2Minus, a3Minus, tauPlus, tauMinus, tauX, tauY }) {
    return {
      traces: [
        { name: 'r1', side: 'pre', mode: 'add', tau: Number(tauPlus) },
        { name: 'r2', side: 'pre', mode: 'add', tau: Number(tauX) },
        { name: 'o1', side: 'post', mode: 'add', tau: Number(tauMinus) },
        { name: 'o2', side: 'post', mode: 'add', tau: Number(tauY) },
      ],
      onPre: { trace: 0, factor: (i, { pre }) => -(Number(a2Minus) + Number(a3Minus) * pre[1]!.at(i)) },
      onPost: { trace: 0, factor: (j, { post }) => Number(a2Plus) + Number(a3Plus) * post[1]!.at(j) },
    };
  },
};
