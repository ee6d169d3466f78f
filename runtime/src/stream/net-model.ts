import { type Model, modelDigest, readAnyModel } from '@spikewire/models';
import { stateMeaning } from './state-meaning.ts';

/** A model as nets are opened from it: its bytes go to the executors, the rest is shared by all its nets. */
export interface NetModel {
  readonly bytes: Uint8Array;
  readonly model: Model;
  /** SHA-256 of the model, which saved states belong to. */
  readonly digest: string;
  /** SHA-256 of what gives the numbers of a saved state their meaning. */
  readonly meaning: string;
}

/** Reads a model file or its text form; throws what is wrong with it. */
export function readNetModel(bytes: Uint8Array): NetModel {
  const model = readAnyModel(bytes);
  return { bytes, model, digest: modelDigest(model), meaning: stateMeaning(model) };
}
