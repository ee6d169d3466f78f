export { type Changes, type Clock, type Database, openDatabase } from './database/database.ts';
export type * from './database/device-rows.ts';
export type { Page, PageWish } from './database/page.ts';
export type * from './database/rollout-rows.ts';
export type * from './database/tables.ts';
export { UnknownItemError } from './database/unknown-item.ts';
export type { DeviceDetails, MachineDetails } from './devices/device-details.ts';
export type { DeviceGroup } from './devices/device-groups.ts';
export type { DeviceListWish, DeviceSummary } from './devices/device-list.ts';
export { DeviceRefusal, type RefusalReason } from './devices/device-refusal.ts';
export { HEALTHS, type Health } from './devices/health.ts';
export type { JoinToken, TokenRequest } from './devices/join-tokens.ts';
export type { JoinRequest } from './devices/joining.ts';
export { Registry } from './devices/registry.ts';
export type { DeviceRequest, TaggedOrders } from './devices/taking-report.ts';
export type { HistoryCheck, HistoryHead } from './history/chain.ts';
export { checkHistory, type Event, note } from './history/history.ts';
export type { Labels } from './labels/labels.ts';
export { REPORT_SECONDS, SILENT_AFTER } from './reports/interval.ts';
export type { RolloutRequest } from './rollouts/beginning.ts';
export { type DeviceCounts, type Evidence, evidenceOf, isJudging } from './rollouts/evidence.ts';
export { checkPlan, DEFAULT_PLAN, LEAST_SHADOW, type Plan } from './rollouts/plan.ts';
export {
  advance,
  approve,
  type Order,
  orderFor,
  type Progress,
  type Reported,
} from './rollouts/progress.ts';
export type {
  MachineListWish,
  RolloutDetails,
  RolloutListWish,
  RolloutMachine,
  RolloutSummary,
} from './rollouts/rollout-lists.ts';
export type { ShownState } from './rollouts/rollout-sums.ts';
export { RolloutWork } from './rollouts/rollout-work.ts';
export { Rollouts } from './rollouts/stored-rollouts.ts';
export { type Lease, Leases, type LeasesOptions } from './work/leases.ts';
export { Worker, type WorkerOptions } from './work/worker.ts';
