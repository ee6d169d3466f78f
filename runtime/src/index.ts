export {
  type CalibrationWindow,
  calibrate,
  engineNamed,
  engines,
  integerEngine,
  recordSelfTests,
  referenceEngine,
  runSelfTests,
  TimedNetwork,
  windowsOfSelfTests,
} from '@spikewire/engine';
export type {
  Engine,
  LoadOptions,
  NetworkCounters,
  RunningNetwork,
  TeachingOutcome,
} from '@spikewire/engine/network';
export { EventBuffer, type EventList, TimedEventBuffer } from '@spikewire/engine/network';
export {
  anomalyModel,
  type ChannelDeclaration,
  classifierModel,
  describeValue,
  type ErrorCode,
  type FeatureStage,
  featureCandidates,
  monitorKindOf,
  type NamedReading,
  NEXT_READING_HEADROOM,
  nextReadingModel,
  quantize,
  readAnyModel,
  SpikewireError,
  type WatchSettings,
  writeModel,
} from '@spikewire/models';
export type { AddressEvents, SensorSize } from './address-events/address-events.ts';
export { readAedat } from './address-events/aedat.ts';
export { readNMnist } from './address-events/n-mnist.ts';
export { readPropheseeDat } from './address-events/prophesee-dat.ts';
export { sourceOf } from './package-source.ts';
export { readCsv } from './simulate/csv.ts';
export type { DenseSteps } from './simulate/dense-steps.ts';
export { type NpyArray, readNpy } from './simulate/npy.ts';
export type { RecordedEvent, Recording } from './simulate/recorder.ts';
export { parseRecordRequests, type RecordRequest } from './simulate/recording.ts';
export { type SimulateOptions, type SimulationOutput, simulate } from './simulate/simulate.ts';
export { simulateOn } from './simulate/simulate-on.ts';
