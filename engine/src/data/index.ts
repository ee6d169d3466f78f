export { checkSamples, type Samples } from './check-samples.ts';
export { Correlation } from './correlation.ts';
export type { DataSet, DataSource, LabelledSamples } from './data-set.ts';
export { windowsOf } from './windows.ts';
