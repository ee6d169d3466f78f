import type { TeachableCost } from '@spikewire/models';
import type { ClassifierKind } from '../baselines/classifier.ts';
import type { ClassTask } from './class-stream.ts';
import type { FrontCost } from './front.ts';
import type { MethodRecord } from './method-record.ts';
import type { TaskOptions } from './task.ts';

export const SPIKING = 'spiking';
export const FROZEN = 'frozen';

/** Everything that was measured. */
export interface ClassMeasurement {
  readonly task: ClassTask;
  readonly options: TaskOptions;
  readonly labels: number;
  readonly classes: readonly string[];
  readonly records: ReadonlyMap<string, MethodRecord>;
  readonly baselines: readonly ClassifierKind[];
  readonly samples: number;
  /** Share of the most frequent class of a stream, the mean over the streams. */
  readonly majority: number;
  /** Areas under the curve of the class that was left out, and recall of the new one after some lessons. */
  readonly strangeness: readonly number[];
  readonly recall: readonly (readonly number[])[];
  readonly cost: Readonly<Cost>;
  readonly stateBytes: number;
  /** What the read-out computes, with its base beside what it learns. */
  readonly taught: TeachableCost | undefined;
}

export interface Cost {
  readonly front: FrontCost;
  answers: number;
  answerMilliseconds: number;
  lessons: number;
  lessonMilliseconds: number;
}
