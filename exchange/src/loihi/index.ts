/** Models for Intel's Loihi: what a chip holds of a model, its integers, and what they lose. */

export { loihi, loihiLimits } from './limits.ts';
export { loihiNir } from './loihi-nir.ts';
export { type LoihiLoss, lossOf } from './loss.ts';
export { type LoihiForm, quantizeForLoihi } from './quantize.ts';
export type { PopulationReport } from './quantize-population.ts';
export type { WeightReport } from './rounding.ts';
