/**
 * NIR, the exchange format of spiking nets (Pedersen et al. 2024, "Neuromorphic intermediate representation"): files as
 * nets in continuous time, and models of such a net under the step rule of each framework.
 */
export { modelUnder } from './model-under.ts';
export { nearestNir } from './nearest.ts';
export type { NirNet } from './net.ts';
export { primitiveTypes } from './primitives.ts';
export { type NirReadOptions, readNir } from './read.ts';
export type { StepRule } from './step-rule.ts';
export { stepRules } from './step-rules.ts';
export { writeNir } from './write.ts';
