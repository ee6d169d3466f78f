export {
  type DeviceArchive,
  type MachineBackup,
  readDeviceArchive,
  writeDeviceArchive,
} from './backup/device-archive.ts';
export { type MachineFolders, readMachine, restoreMachines } from './backup/machine-folders.ts';
export {
  LARGEST_BACKUP,
  newRecoveryKey,
  openBackup,
  readPrivateRecoveryKey,
  readPublicRecoveryKey,
  sealBackup,
} from './backup/sealed-backup.ts';
export { BackupUploads, type UploadOptions } from './backup/uploads.ts';
export { type CarriedStateOptions, carriedState } from './carrying/carried-state.ts';
export { inputDigest } from './carrying/input-digest.ts';
export { type CarryingProblem, possibleCarryings } from './carrying/possible-carryings.ts';
export { askAgent, ControlSocket } from './control/control-socket.ts';
export { readRequest, SOCKET_ACTIONS, type SocketRequest, type UpdateRequest } from './control/protocol.ts';
export { deviceReport } from './fleet/device-report.ts';
export { type Certificates, type HttpAnswer, type HttpRequest, httpRequest } from './fleet/http-request.ts';
export { Identity, type Membership } from './fleet/identity.ts';
export { LARGEST_LIVE, type LiveValues } from './fleet/live.ts';
export { Member, type MemberOptions, type MemberStatus, type SharedPart } from './fleet/member.ts';
export { LARGEST_ORDERS, type MachineOrder, MOST_QUESTIONS_PER_DAY, type Orders, readOrders } from './fleet/orders.ts';
export * from './fleet/report.ts';
export { lessonsText } from './fleet/shared-text.ts';
export {
  COUNTER_HEADER,
  DEVICE_HEADER,
  deviceId,
  isRequestSignedBy,
  SIGNATURE_HEADER,
  type SignedRequest,
  signRequest,
} from './fleet/signed-request.ts';
export { MOST_SHARED_BASES, type SharedBase, type WantedPart, type WantedParts } from './fleet/wanted-parts.ts';
export { Agent, type AgentOptions } from './hosted/agent.ts';
export type { UpdatableHost } from './hosted/hosted-update.ts';
export { machineReport } from './hosted/machine-report.ts';
export {
  type AgentConfiguration,
  type MachineConfiguration,
  type MachineUpdates,
  problemsOf,
} from './machines/configuration.ts';
export { ConfiguredMachines } from './machines/configured-machines.ts';
export {
  type ConfigurationSource,
  FollowedConfiguration,
  type FollowedConfigurationOptions,
} from './machines/followed-configuration.ts';
export type { MachineStatus } from './machines/machine.ts';
export { Machines, type MachinesOptions, type MachinesStatus } from './machines/machines.ts';
export { configurationName, readConfiguration } from './machines/published-configuration.ts';
export { RepositoryConfigurations } from './machines/repository-configurations.ts';
export { canonicalJson } from './repository/canonical-json.ts';
export { RepositoryClient, type RepositoryClientOptions } from './repository/client.ts';
export { type DownloadOptions, download, pathOfTarget } from './repository/download.ts';
export { isSignedBy, keyId, keyTree, type PublicKey } from './repository/keys.ts';
export * from './repository/metadata.ts';
export { CARRYING, type Carrying, customOf, type Offer, offerFor, offerOf, type Wish } from './repository/offer.ts';
export { type RepositorySource, shownAddress, sourceOfRepository } from './repository/source.ts';
export { checkContent, Trust } from './repository/trust.ts';
export { TrustFolder, trustIn } from './repository/trust-folder.ts';
export { type BaseReadout, baseWithSums, readoutOf } from './sharing/base-readout.ts';
export {
  LARGEST_PART,
  LEAST_LESSONS,
  LEAST_OF_CLASS,
  MOST_LESSONS,
  type Part,
  readPart,
  writePart,
} from './sharing/part.ts';
export { type SharableMachine, Sharing, type SharingOptions } from './sharing/sharing.ts';
export { type CalibrationState, evidenceOfWorseConfidence, NEW_CALIBRATION, rate } from './trial/calibration.ts';
export {
  begunAnew,
  DEFAULT_GATE,
  decide,
  type GateDecision,
  type GateRules,
  type GateState,
  NEW_GATE,
  type PairedAnswer,
  take,
} from './trial/gate.ts';
export { evidenceOfNotWorse, evidenceOfWorse, meanBet, type PairedCounts } from './trial/paired-evidence.ts';
export {
  type CandidateFigures,
  labelsUntilGo,
  Trial,
  type TrialDecision,
  type TrialState,
  type WayEnd,
} from './trial/trial.ts';
export { Bases } from './update/bases.ts';
export {
  type Candidate,
  Journal,
  type JournalEntry,
  type Pair,
  UPDATE_STATES,
  type UpdateState,
} from './update/journal.ts';
export type { NamedBase, PairSeen, TrialObserver, UpdatedHost, UpdateSource } from './update/ports.ts';
export type { Refusal } from './update/refusals.ts';
export { type StartingBase, type StartOptions, startingBase } from './update/starting-base.ts';
export { statusOf, type UpdateStatus } from './update/status.ts';
export { type UpdateRules, Updater, type UpdaterOptions } from './update/updater.ts';
