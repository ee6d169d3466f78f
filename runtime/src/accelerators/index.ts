export type {
  Abilities,
  AnswerTolerance,
  ChosenEngine,
  Executor,
  ExecutorSource,
  OpenOptions,
  ParameterLimits,
  SemanticChoices,
  Teaching,
  WindowRequest,
  WindowResult,
} from '@spikewire/engine/executor';
export { describeAbilities, refuseMisfits } from '@spikewire/engine/executor';
export type {
  AcceleratorDescription,
  AcceleratorDriver,
  BoardLimit,
  BoardOptions,
  BoardProfile,
  FlashCommand,
  LimitSource,
} from '../executor/accelerator.ts';
export { boardProfile } from '../executor/board-profile.ts';
export { type BoardTrial, tryBoard } from '../executor/board-trial.ts';
export { acceleratorDrivers, attachedBoards, driverOf, expectedBoards } from '../executor/find-accelerators.ts';
