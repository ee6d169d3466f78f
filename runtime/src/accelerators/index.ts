export type {
  Abilities,
  ChosenEngine,
  Executor,
  ExecutorSource,
  OpenOptions,
  Teaching,
  WindowRequest,
  WindowResult,
} from '@spikewire/engine/executor';
export type { AcceleratorDescription, AcceleratorDriver } from '../executor/accelerator.ts';
export { acceleratorDrivers, attachedBoards } from '../executor/find-accelerators.ts';
