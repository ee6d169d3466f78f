export { closingAfterwards } from './closing.ts';
export { KeptSession, type KeptSessionOptions, type SavedPoint } from './kept-session.ts';
export { Monitors, type OverallVerdict } from './monitors.ts';
export { type NetModel, type NetShape, readNetModel } from './net-model.ts';
export { folderName, NetPool, type NetPoolOptions } from './net-pool.ts';
export { parseReading, type Reading } from './reading.ts';
export { type Outcome, type Overflow, Session, type SessionOptions } from './session.ts';
export { NEW_MODEL_POLICIES, type NewModelPolicy } from './state-keeper.ts';
export { type Lesson, parseLesson } from './teaching.ts';
