/** How a net's behaviour depends on the step rule under which it runs. */
export { compareRules, type Fidelity, type FidelityOptions } from './fidelity.ts';
export { type FidelityInput, fidelityPage, usualInput } from './fidelity-page.ts';
export { type FidelityReportOptions, fidelityReport } from './fidelity-report.ts';
export type { LargestDifference, NodeDifference } from './node-difference.ts';
export type { AnswerDifference, FirstDifference, RuleDifference } from './rule-comparison.ts';
export { type RandomInput, randomStimuli } from './stimulus.ts';
