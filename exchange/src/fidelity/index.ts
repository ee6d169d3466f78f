/** How a net's behaviour depends on the step rule under which it runs. */
export { compareRules, type Fidelity, type FidelityOptions, type RuleModel } from './fidelity.ts';
export { type FidelityInput, type FidelityPage, fidelityPage, usualInput } from './fidelity-page.ts';
export { type FidelityReportOptions, fidelityReport } from './fidelity-report.ts';
export type { LargestDifference, NodeDifference } from './node-difference.ts';
export type { AnswerDifference, FirstDifference, RuleDifference } from './rule-comparison.ts';
export { type RandomInput, randomStimuli, type Stimulus } from './stimulus.ts';
