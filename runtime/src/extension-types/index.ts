// What a package from outside needs to extend spikewire: the type of each thing that it may bring, and the error type.

export type { DataSet, DataSource } from '@spikewire/engine/data';
export type {
  Abilities,
  BoardLimit,
  Executor,
  ExecutorSource,
  LimitSource,
  PublishedBoard,
} from '@spikewire/engine/executor';
export type { ChannelDeclaration, Format, Model, RecordingFormat } from '@spikewire/models';
export { type ErrorCode, SpikewireError } from '@spikewire/models/error';
export type { Command, CommandArguments, CommandConsole } from '../cli/command.ts';
export type { AcceleratorDescription, AcceleratorDriver, BoardProfile } from '../executor/accelerator.ts';
export type { SampleBlock, Sensor, SensorDescription, SensorDriver } from '../sensors/sensor.ts';
export type { SensorSettings } from '../sensors/settings.ts';
export type {
  QueueOptions,
  SweepProgress,
  SweepTerms,
  TakenTrial,
  TrialOutcome,
  TrialQueue,
  TrialQueueSource,
  TrialResult,
} from '../trials/trial-queue.ts';
