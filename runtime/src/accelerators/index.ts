export type * from '../executor/executor.ts';
export type * from './accelerator.ts';
export { acceleratorDrivers } from './find.ts';
