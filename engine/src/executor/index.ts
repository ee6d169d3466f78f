export {
  type Abilities,
  type AnswerTolerance,
  abilitiesOf,
  type ParameterLimits,
  type SemanticChoices,
} from './abilities.ts';
export { among, atMost, type BoardLimit, type LimitSource, missOf, type PublishedBoard } from './board-limit.ts';
export { describeAbilities } from './describe-abilities.ts';
export { describePlacement } from './describe-placement.ts';
export { Exclusive } from './exclusive.ts';
export type {
  ChosenEngine,
  Executor,
  ExecutorSource,
  OpenOptions,
  PlacedNode,
  Placement,
  Teaching,
  WindowRequest,
  WindowResult,
} from './executor.ts';
export { InProcessExecutor } from './in-process.ts';
export { type InProcessSource, type InProcessSourceOptions, inProcess } from './in-process-source.ts';
export { declaredPlacement, placementOn } from './placement.ts';
export { refuseMisfits } from './refuse-misfits.ts';
export { offeringSplit, splitOffer } from './split/split-offer.ts';
export { splitOver } from './split/split-source.ts';
