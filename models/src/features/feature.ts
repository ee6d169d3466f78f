import type { ChannelRange } from '../coding/range.ts';
import type { KeptState } from '../kept-numbers.ts';
import type { FeatureStage } from '../model/model.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { readingFirst, type WrittenKind } from '../parameters/read.ts';
import type { FrameMemory } from './frame-memory.ts';
import type { FrameScale } from './frame-scale.ts';

/** Takes a frame of one channel: the numbers are a view, valid only during the call. */
export type EmitFrame = (channel: number, frame: Float64Array) => void;

/** Where a feature works. */
export interface FeatureSite {
  /** What errors start with; the kind's own name where absent. */
  readonly where?: string;
  /** Numbers of a frame that comes in: 1 for single samples. */
  readonly width: number;
  /** Channels, each with frames of its own; all get theirs equally often. */
  readonly channels: number;
  /** What it may keep. */
  readonly memory: FrameMemory;
  /** Whether frames are wanted before what standardises them knows what is usual; false where absent. */
  readonly early?: boolean | undefined;
}

/**
 * A feature at work: frames in, frames out, channel by channel; at most one window of memory, no allocation per frame.
 */
export interface Feature {
  /** Numbers of a frame it takes: the site's width, or another that only the reading itself may have. */
  readonly takes: number;
  /** Numbers of a frame it hands on. */
  readonly outputs: number;
  /** `each`: one frame for each it takes. Otherwise how many it hands on for each it takes, on average and at most. */
  readonly frames: 'each' | number;
  /** Multiply-adds of a frame of one channel that it takes, estimated: one for each number of each pass over it. */
  readonly work: number;
  /** Frames that it takes until it has handed on so many, 1 at least; as many where absent. */
  takesFor?(frames: number): number;
  /** Numbers of the frame are finite, and so are those it hands on. */
  push(channel: number, frame: Float64Array, emit: EmitFrame): void;
  /** Numbers that change while it runs, for exact save and restore. */
  readonly state: KeptState<Float64Array>;
  /** Whether a number that it hands on is by a scale that follows the stream; none where absent. */
  follows?(output: number): boolean;
  /** Automatic ranges, whose warm-up people should see. */
  readonly ranges?: readonly ChannelRange[];
  /** What it standardises frames by, which may have a warm-up. */
  readonly scale?: FrameScale;
}

/** A kind of feature: one file, one line in the index. */
export interface FeatureKind {
  readonly type: string;
  readonly examples: readonly FeatureExample[];
  readonly parameters: ParameterTable;
  /**
   * Throws `parameter`: unknown keys, values out of range, frames it cannot take; `budget` for more than `memory` has
   * left, before anything is allocated.
   */
  prepare(parameters: Readonly<Record<string, unknown>>, site: FeatureSite): Feature;
}

/** A chain with the feature in it, for whatever is true of all of them. */
export interface FeatureExample {
  readonly stages: readonly FeatureStage[];
  /** Numbers that it gives per channel. */
  readonly outputs: number;
}

/** Frames of 16 samples, a new one every 5. */
export const framesOf16: FeatureStage = { type: 'window', parameters: { length: 16, hop: 5 } };

/** A feature as its file writes it. */
export function featureKind<const Table extends ParameterTable>(kind: WrittenKind<FeatureKind, Table>): FeatureKind {
  return { ...kind, prepare: readingFirst(`feature "${kind.type}"`, kind.parameters, kind.prepare) };
}
