export type {
  Abilities,
  AnswerTolerance,
  BoardLimit,
  ChosenEngine,
  Executor,
  ExecutorSource,
  LimitSource,
  OpenOptions,
  ParameterLimits,
  PublishedBoard,
  SemanticChoices,
  Teaching,
  WindowRequest,
  WindowResult,
} from '@spikewire/engine/executor';
export { among, atMost, declaredPlacement, describeAbilities, refuseMisfits } from '@spikewire/engine/executor';
export type {
  AcceleratorDescription,
  AcceleratorDriver,
  BoardOptions,
  BoardProfile,
  FlashCommand,
} from '../executor/accelerator.ts';
export { boardProfile } from '../executor/board-profile.ts';
export { type BoardTrial, tryBoard } from '../executor/board-trial.ts';
export { acceleratorDrivers, attachedBoards, driverOf, expectedBoards } from '../executor/find-accelerators.ts';
export { publishedBoards } from '../executor/published-boards.ts';
