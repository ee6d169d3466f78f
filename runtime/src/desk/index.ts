export {
  Access,
  type AccessRules,
  ALL_ROLES,
  type Asker,
  type Order,
  type Role,
  type Roles,
  VIEWER_ROLES,
} from './access.ts';
export { Audit } from './audit.ts';
export { COMMANDS, type CommandName } from './command.ts';
export { type AlarmObserver, Desk, type DeskCounters, type DeskOptions, type Observer } from './desk.ts';
export { durationOf } from './duration.ts';
export { namedReading } from './named-reading.ts';
export { formatAlarm, formatOutcome, isTold } from './result-message.ts';
export { type Said, saidBy, sentenceOf } from './said.ts';
export type { MonitorSettings } from './settings.ts';
export { readSecretFile, SharedSecret } from './shared-secret.ts';
export { UpdateMessages, type UpdateMessagesOptions } from './update-messages.ts';
export {
  type RefusedUpdate,
  readUpdateOrder,
  UPDATE_ACTIONS,
  UPDATE_ANSWERS,
  UPDATE_CARRYINGS,
  UPDATE_STATES,
  type UpdateAction,
  type UpdateCarrying,
  type UpdatedModel,
  type UpdateOrder,
  type UpdateQuestion,
  type UpdateState,
  type Updates,
  type UpdatesStatus,
  type UpdateTrial,
} from './updates.ts';
