import { plasticityKind } from './rule.ts';

/**
 * Triplet STDP, all-to-all (Pfister and Gerstner 2006, eq. 3 and 4). Pre traces r₁ (τ₊) and r₂ (τ_x), post traces o₁
 * (τ₋) and o₂ (τ_y): at a post spike Δw = r₁·(A₂⁺ + A₃⁺·o₂), at a pre spike Δw = −o₁·(A₂⁻ + A₃⁻·r₂), all just before
 * the spike. The defaults are the paper's minimal model of visual cortex.
 */
export const triplet = plasticityKind({
  rule: 'triplet',
  examples: [{ a2Plus: 0.03, a3Plus: 0.02, a2Minus: 0.02, a3Minus: 0.01 }],
  signal: undefined,
  parameters: {
    a2Plus: { doc: 'A₂⁺, potentiation by pairs', form: 'number', default: 0, minimum: 0 },
    a3Plus: { doc: 'A₃⁺, potentiation by triplets post–pre–post', form: 'number', default: 6.5e-3, minimum: 0 },
    a2Minus: { doc: 'A₂⁻, depression by pairs', form: 'number', default: 7.1e-3, minimum: 0 },
    a3Minus: { doc: 'A₃⁻, depression by triplets pre–post–pre', form: 'number', default: 0, minimum: 0 },
    tauPlus: { doc: 'time constant τ₊ of r₁', unit: 's', form: 'number', default: 0.0168, above: 0 },
    tauMinus: { doc: 'time constant τ₋ of o₁', unit: 's', form: 'number', default: 0.0337, above: 0 },
    tauX: { doc: 'time constant τ_x of r₂', unit: 's', form: 'number', default: 0.101, above: 0 },
    tauY: { doc: 'time constant τ_y of o₂', unit: 's', form: 'number', default: 0.114, above: 0 },
  },
  prepare({ a2Plus, a3Plus, a2Minus, a3Minus, tauPlus, tauMinus, tauX, tauY }) {
    return {
      traces: [
        { name: 'r1', side: 'pre', mode: 'add', tau: tauPlus },
        { name: 'r2', side: 'pre', mode: 'add', tau: tauX },
        { name: 'o1', side: 'post', mode: 'add', tau: tauMinus },
        { name: 'o2', side: 'post', mode: 'add', tau: tauY },
      ],
      onPre: { trace: 0, factor: (i, { pre }) => -(a2Minus + a3Minus * pre[1]!.at(i)) },
      onPost: { trace: 0, factor: (j, { post }) => a2Plus + a3Plus * post[1]!.at(j) },
    };
  },
});
