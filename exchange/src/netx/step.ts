import { candidates, type Semantics, SpikewireError, type StepChoices } from '@spikewire/models';

/** What a compartment of Loihi leaves no choice of. */
const FIXED = { integrate: 'euler', reset: 'value', spikesPerStep: 'one' } as const;
/** A step of lava-dl has no length; its tutorials take it for a millisecond. */
const USUAL_STEP = 1e-3;

/** When a neuron spikes, by the program that runs the file. */
const thresholds: Readonly<Record<string, Semantics['threshold']>> = { lava: 'gt', slayer: 'ge' };

/** What each of those programs does. */
export const stepRules: Readonly<Record<string, string>> = {
  lava: 'as Lava and the chip: spikes at v > threshold',
  slayer: 'as in the first version of slayer: spikes at v ≥ threshold',
};

/**
 * The step of a netx file under choices, which may be of its length and of the threshold. Throws `usage` for others,
 * and for an unknown program.
 */
export function stepUnder({ from, ...parts }: StepChoices, notes: string[]): Semantics {
  if (from !== undefined && !Object.hasOwn(thresholds, from)) {
    throw new SpikewireError('usage', `step rule "${from}"`, 'is not known', candidates(Object.keys(stepRules)));
  }
  for (const key of Object.keys(FIXED) as (keyof typeof FIXED)[]) {
    if (parts[key] !== undefined && parts[key] !== FIXED[key]) {
      throw new SpikewireError('usage', 'model', `is netx, and ${key} ${parts[key]} differs from Loihi`, FIXED[key]);
    }
  }
  const threshold = parts.threshold ?? thresholds[from ?? 'lava']!;
  if (from === undefined && parts.threshold === undefined) {
    notes.push('step as on Loihi and in Lava: a spike above the threshold; --from slayer spikes also at the threshold');
  }
  return { dt: parts.dt ?? USUAL_STEP, ...FIXED, threshold };
}
