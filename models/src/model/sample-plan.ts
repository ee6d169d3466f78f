import type { SamplePlan } from './model.ts';

/** Steps that a net makes for each sample: its rest, then the sample. */
export function windowSteps({ steps, rest = 0 }: SamplePlan): number {
  return rest + steps;
}
