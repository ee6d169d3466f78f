export { CheckpointPolicy, type CheckpointPolicyOptions } from './checkpoint-policy.ts';
export { replaceDurably } from './durable-file.ts';
export {
  type Entry,
  type FileSystem,
  type NewFile,
  nodeFileSystem,
  storeFailure,
  writeDurably,
} from './file-system.ts';
export { type LimitNames, OPTION_NAMES } from './limit-names.ts';
export { FolderInUseError, holderOf, Lock } from './lock.ts';
export { makeFolder } from './make-folder.ts';
export { machineProcessTable, type ProcessIdentity, type ProcessTable } from './process-table.ts';
export { MAXIMUM_STATE_BYTES, type SlotFault } from './slot.ts';
export type { Damage, ForeignSlot, QuarantinedFile } from './slot-folder.ts';
export { type ForeignSlotPolicy, type SavedState, Store, type StoreOptions } from './store.ts';
export { HeldBackError, StoreRoot, type StoreRootOptions, type StoreUse } from './store-root.ts';
export { moreUrgent, type Urgency } from './write-budget.ts';
