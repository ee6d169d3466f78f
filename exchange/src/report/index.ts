/** What a measurement found, for people and for programs: tables and pictures, as text or as a page. */
export { percent } from './percent.ts';
export type { Chart, Report, Table } from './report.ts';
export { reportLines } from './report-lines.ts';
export { reportPage } from './report-page.ts';
