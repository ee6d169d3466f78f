import type { Carrying } from 'spikewire/agent';
import type { Plan } from '../../../rollouts/plan.ts';
import type { Written } from '../../written.ts';

/** Of a plan, as a person writes it: shares in percent or points. */
export interface PlanField {
  readonly name: string;
  readonly label: string;
  readonly about: string;
  readonly value: string;
}

const percent = (share: number) => String(Number((100 * share).toFixed(4)));

/** Fields of the course of a rollout, and of its gates. */
export function planFields(plan: Plan): {
  readonly course: readonly PlanField[];
  readonly gates: readonly PlanField[];
} {
  const { shadow, shadowDays, waves, waveHours, mostFailed, mostSilent, gates } = plan;
  const field = (name: string, label: string, value: number | string, about: string): PlanField => ({
    ...{ name, label, about, value: String(value) },
  });
  const { abortMargin, abortEvidence, goMargin, goEvidence } = gates;
  return {
    course: [
      field(
        'shadow',
        'Machines on trial',
        shadow,
        'run the base beside the present one before it answers anywhere; 50 or more',
      ),
      field('shadowDays', 'Days of the trial', shadowDays, 'at most; then an undecided trial waits for a person'),
      field(
        'waves',
        'Waves in %',
        waves.map(percent).join(', '),
        'shares of all machines that have the base after each wave; the last is 100',
      ),
      field('waveHours', 'Hours of a wave', waveHours, 'for which each wave is watched before the next'),
      field(
        'mostFailed',
        'Most failed in %',
        percent(mostFailed),
        'of the machines that tried it; above, the rollout stops',
      ),
      field(
        'mostSilent',
        'Most silent in %',
        percent(mostSilent),
        'of the machines of a wave; above, it waits for a person',
      ),
    ],
    gates: [
      field(
        'abortMargin',
        'Stop: worse by points',
        percent(abortMargin),
        'the rollout stops where the base is worse by more than this…',
      ),
      field(
        'abortEvidence',
        'Stop: e-value',
        abortEvidence,
        '…with this evidence; 100 means: by chance in at most 1 of 100 rollouts',
      ),
      field(
        'goMargin',
        'Continue: worse by points',
        percent(goMargin),
        'the first wave begins where the base is worse by less than this…',
      ),
      field(
        'goEvidence',
        'Continue: e-value',
        goEvidence,
        '…with this evidence; 20 means: wrongly in at most 1 of 20 rollouts',
      ),
    ],
  };
}

/** The plan that a person has written. Throws if a field is not a number; the controller checks the values. */
export function readPlan(written: Written): Plan {
  const number = (name: string, scale = 1) => readNumber(name, written(name)) / scale;
  return {
    ...{ carrying: written('carrying') as Carrying, questionsPerDay: null, hours: null },
    ...{ shadow: number('shadow'), shadowDays: number('shadowDays'), approval: written('approval') !== '' },
    waves: written('waves')
      .split(/[,;\s]+/)
      .filter((word) => word !== '')
      .map((word) => readNumber('waves', word) / 100),
    ...{ waveHours: number('waveHours'), mostFailed: number('mostFailed', 100), mostSilent: number('mostSilent', 100) },
    gates: {
      ...{ abortMargin: number('abortMargin', 100), abortEvidence: number('abortEvidence') },
      ...{ goMargin: number('goMargin', 100), goEvidence: number('goEvidence') },
    },
  };
}

function readNumber(name: string, text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw new RangeError(`${name}: “${text}” is not a number`);
  return number;
}
