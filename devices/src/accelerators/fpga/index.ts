export { openBoardLine } from './board-address.ts';
export type { BoardLine } from './board-line.ts';
export { FpgaLink, type LinkCounts, type Patience } from './fpga-link.ts';
export { encodeFrame } from './frame.ts';
export * as requests from './requests.ts';
export { encodeStep, readOutputs, run, type StepInput, type StepPlace, type WordRange } from './steps.ts';
