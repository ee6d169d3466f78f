import { EventBuffer, recordSelfTests } from '@spikewire/engine';
import { type LabelledSamples, windowsOf } from '@spikewire/engine/data';
import type { Model, SelfTest } from '@spikewire/models';

/** Vectors of a model. */
const COUNT = 3;
/** Of a sample's steps so many: later ones would use the same weights once more. */
const STEPS = 5;
/** Samples that are tried for them. */
const TRIED = 64;

/**
 * Self-test vectors from the first samples that give an answer within a few steps and away from ties. Their values are
 * rounded to whole numbers, so that a spike or a full current takes a few bytes: what matters is that weights are used,
 * not which sample it was.
 */
export function selfTestsOf(model: Model, { samples }: Pick<LabelledSamples, 'samples'>): SelfTest[] {
  return recordSelfTests(model, briefWindows(model, samples.slice(0, TRIED)), COUNT);
}

function* briefWindows(model: Model, samples: LabelledSamples['samples']) {
  const steps = Math.min(STEPS, model.sample.steps);
  for (const { input } of windowsOf(model, { samples })) {
    const brief = new EventBuffer(input.length);
    for (let k = 0; k < input.length && input.step[k]! < steps; k++) {
      const value = Math.round(input.value[k]!);
      if (value !== 0) brief.push(input.step[k]!, input.node[k]!, input.index[k]!, value);
    }
    yield { steps, input: brief };
  }
}
