export type { Abilities } from '../executor/abilities.ts';
export type { AcceleratorDescription, AcceleratorDriver } from '../executor/accelerator.ts';
export type * from '../executor/executor.ts';
export { acceleratorDrivers } from '../executor/find-accelerators.ts';
