import type { DataSet } from '@spikewire/engine/data';
import { type Model, quantize, SpikewireError } from '@spikewire/models';
import type { BoardProfile } from 'spikewire/accelerators';
import { calibrationOn } from '../samples/calibration.ts';

/** Bits of the numbers of models for a board, where nobody asks for others. Throws `unsupported` where it has none. */
export function bitsFor({ address, abilities }: BoardProfile): { bits: 8 | 4; membraneBits: 32 | 16 } {
  const bits = abilities.weightBits.find((each) => each !== 32);
  if (bits !== undefined) return { bits, membraneBits: abilities.membraneBits?.[0] ?? 32 };
  throw new SpikewireError(
    'unsupported',
    address,
    'takes float models alone',
    'a board that computes in whole numbers',
  );
}

/** The integer form of a model that fits a board; a model that has one keeps it. */
export function integerFor(profile: BoardProfile, model: Model, data: DataSet): Model {
  if (model.quantization !== undefined) return model;
  return quantize(model, { ...bitsFor(profile), calibration: calibrationOn(model, data) });
}
