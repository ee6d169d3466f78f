import type { ConvolutionConnectivity } from '@spikewire/models';
import type { MemoryPlan } from '../kernels/memory.ts';
import type { Stream } from '../program.ts';
import type { Sums } from '../sums.ts';

/** A convolution to be laid out. */
export interface ConvolutionSite {
  readonly memory: MemoryPlan;
  readonly arrival: Stream;
  readonly geometry: ConvolutionConnectivity['geometry'];
  /** How far rows and columns of the input lie apart for the window. */
  readonly apart: readonly [number, number];
  /** Address of its weights. */
  readonly weights: number;
  readonly shift: number;
  readonly sums: Sums;
  /** No weight is larger, as they are kept. */
  readonly largest: number;
  /** Whether its weights change. */
  readonly isLearned: boolean;
  /** The largest value of an event, where all are whole numbers from 1 on. */
  readonly largestValue: number | undefined;
}
