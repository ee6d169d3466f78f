import { SpikewireError } from '@spikewire/models';
import type { DataSet, LabelledSamples } from 'spikewire/data';
import { holdOut } from '../data/hold-out.ts';

/** Of the training samples every twelfth of a class chooses the best epoch and is not learned. */
const VALIDATION_SHARE = 12;

/** What is learned of a set, and what chooses. Throws `input` for too few samples. */
export function splitForValidation(data: DataSet): { learned: LabelledSamples; validation: LabelledSamples } {
  const whole = data.training ?? data;
  const { rest: learned, heldOut: validation } = holdOut(whole, VALIDATION_SHARE);
  if (validation.samples.length > 0) return { learned, validation };
  const problem = `has ${whole.samples.length} samples to learn from`;
  throw new SpikewireError('input', data.name, problem, `${VALIDATION_SHARE} of a class at least`);
}
