/**
 * Netx, the files of nets that Intel's lava-dl trains with slayer and runs with Lava: layers in HDF5, in the whole
 * numbers of Loihi.
 */
export { isNetx, type NetxReadOptions, readNetx } from './read.ts';
export { stepRules } from './step.ts';
