export { type Changes, type Clock, type Database, openDatabase } from './database/database.ts';
export type * from './database/tables.ts';
export { checkHistory, type Event, type HistoryCheck, type HistoryHead, note } from './history/history.ts';
export { type Evidence, evidenceOf, isJudging, type MachineCounts } from './rollouts/evidence.ts';
export { checkPlan, DEFAULT_PLAN, LEAST_SHADOW, type Plan } from './rollouts/plan.ts';
export {
  advance,
  approve,
  type Order,
  orderFor,
  type Phase,
  type Progress,
  type Reported,
} from './rollouts/progress.ts';
export { type Lease, Leases, type LeasesOptions } from './work/leases.ts';
export { Worker, type WorkerOptions } from './work/worker.ts';
