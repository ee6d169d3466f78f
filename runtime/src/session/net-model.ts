import { InputStage, OutputStage } from '@spikewire/engine/coding';
import {
  demandOf,
  type Model,
  megabytes,
  modelDigest,
  type ResolvedGraph,
  readWithGraph,
  SpikewireError,
  type StateMeaning,
  stateMeaning,
} from '@spikewire/models';
import { memoryOfMachine } from '../memory-limit.ts';
import { MOST_KEPT_BYTES } from './readout/kept-lessons.ts';

/** A model as nets are opened from it: its bytes go to the executors, the rest is shared by all its nets. */
export interface NetModel {
  readonly bytes: Uint8Array;
  readonly model: Model;
  readonly graph: ResolvedGraph;
  /** SHA-256 of the model, which saved states belong to. */
  readonly digest: string;
  /** What its saved states mean. */
  readonly meaning: StateMeaning;
  /** Bytes that a net of it may take, with the lessons that it keeps, estimated from above. */
  readonly demand: number;
}

/**
 * Reads a model file or its text form; throws what is wrong with it, `budget` where a net of it may take more than
 * `memory` bytes, with the lessons that a net which is taught by labels keeps if `keepLessons`.
 */
export function readNetModel(bytes: Uint8Array, memory = memoryOfMachine(), keepLessons = false): NetModel {
  const { model, graph } = readWithGraph(bytes, { bytes: memory });
  const isTaught = keepLessons && new OutputStage(model, graph, 1).teachable !== undefined;
  const kept = isTaught ? MOST_KEPT_BYTES : 0;
  const demand = demandOf(model, graph).bytes + kept;
  if (demand > memory) {
    const problem = `may need ${megabytes(demand)}, with ${megabytes(kept)} for the lessons that it keeps`;
    throw new SpikewireError('budget', 'model', problem, `at most ${megabytes(memory)} in all`);
  }
  return { bytes, model, graph, digest: modelDigest(model), meaning: stateMeaning(model), demand };
}

/** What a net of a model takes and gives, known before one is open. */
export interface NetShape {
  readonly model: Model;
  /** Numbers of a reading. */
  readonly channels: number;
  /** Numbers of an answer, and so of a target. */
  readonly outputs: number;
  /** Whether a label may name a class that the model does not have. */
  readonly takesNewClasses: boolean;
}

/** Throws what keeps the model from running on a stream. */
export function netShape({ model, graph }: Pick<NetModel, 'model' | 'graph'>): NetShape {
  // No seed makes them larger or smaller.
  const { channels } = new InputStage(model, graph, 1);
  const output = new OutputStage(model, graph, 1);
  return { model, channels, outputs: output.size, takesNewClasses: output.teachable !== undefined };
}
