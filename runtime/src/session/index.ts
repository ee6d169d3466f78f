export { MISSING_RULES, type MissingRule, type ReadingForm } from '../reading/form.ts';
export { type FoundChannels, foundChannels } from '../reading/found-channels.ts';
export { type Path, parseChannelPaths } from '../reading/path.ts';
export type { Profile } from '../reading/profiles/profile.ts';
export { profileNamed, profiles } from '../reading/profiles/profiles.ts';
export { ReadingReader } from '../reading/reader.ts';
export type { Reading } from '../reading/reading.ts';
export { closingAfterwards } from './closing.ts';
export { KeptSession, type KeptSessionOptions, type LessonReceipt, type SavedPoint } from './kept-session.ts';
export { Monitors, type OverallVerdict } from './monitors.ts';
export { type NetModel, type NetShape, netShape, readNetModel } from './net-model.ts';
export { expectShortName } from './net-name.ts';
export { folderName, NetPool, type NetPoolOptions } from './net-pool.ts';
export {
  type Gathering,
  type LessonOutcome,
  type Outcome,
  type Overflow,
  Session,
  type SessionOptions,
} from './session.ts';
export { NEW_MODEL_POLICIES, type NewModelPolicy } from './state-keeper.ts';
export type { TaughtFigures } from './taught-readout.ts';
export { type Lesson, parseLesson } from './teaching.ts';
