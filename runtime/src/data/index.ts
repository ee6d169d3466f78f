export { Correlation } from './correlation.ts';
export { type CsvDialect, csvDialect } from './csv-dialect.ts';
export { parseCsvTable } from './csv-table.ts';
export type { DataSet, DataSource, LabelledSamples } from './data-set.ts';
export { loadDataSet } from './data-sources.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
export { evaluateNumbers, type NumbersEvaluation } from './evaluate-numbers.ts';
export { loadRecorded, type RecordedSet } from './recorded.ts';
export { windowsOf } from './windows.ts';
