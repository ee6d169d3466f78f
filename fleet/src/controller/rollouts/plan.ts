import { SpikewireError } from '@spikewire/models';
import { CARRYING, type Carrying, DEFAULT_GATE, type GateRules, MOST_QUESTIONS_PER_DAY } from 'spikewire/agent';
import { checkHours, type Hours } from './hours.ts';

/** How a new base comes to the machines of a fleet. */
export interface Plan {
  /** The way in which a machine keeps what it has learned, a word of `spikewire fleet publish --learned`. */
  readonly carrying: Carrying;
  /** Machines that try the base beside the present one before it answers anywhere; all in a smaller fleet. */
  readonly shadow: number;
  /** Readings of which people are asked for the label, a day and machine on trial, at most; null: devices decide. */
  readonly questionsPerDay: number | null;
  /** Days after which an undecided trial waits for a person. */
  readonly shadowDays: number;
  /** Who has to approve the first wave, even where labels say that the base is not worse; true: one person. */
  readonly approval: boolean | Approval;
  /** Shares, rising to 1, of the machines that can get the base when a wave begins. */
  readonly waves: readonly number[];
  /** In which a wave may begin, and a machine may be told first to install the base; null: at any time. */
  readonly hours: Hours | null;
  /** Hours for which each wave is watched before the next. */
  readonly waveHours: number;
  /** Margins and e-values of the decisions, over all machines together. */
  readonly gates: GateRules;
  /** Shares of the machines of a wave that may fail, and that may be silent. */
  readonly mostFailed: number;
  readonly mostSilent: number;
}

/** So many different people with the role, or a higher one; who began the rollout counts only where 1 is enough. */
export interface Approval {
  readonly by: (typeof APPROVERS)[number];
  /** 1 to 10. */
  readonly people: number;
}

/** Roles that may approve, the highest last. */
export const APPROVERS = ['release', 'administer'] as const;
const MOST_PEOPLE = 10;

/** Undefined where nobody has to approve. */
export function approvalOf({ approval }: Pick<Plan, 'approval'>): Approval | undefined {
  if (typeof approval === 'object') return approval;
  return approval ? { by: 'release', people: 1 } : undefined;
}

/**
 * Cohorts below 50 end a good base by chance where its effect differs between machines: 6 % of rollouts with 10 to 20
 * machines, against 1 % or less.
 */
export const LEAST_SHADOW = 50;

const MOST_SHADOW = 1_000_000;
const MOST_SHADOW_DAYS = 3650;
const MOST_WAVE_HOURS = 8760;
const MOST_WAVES = 100;

/** A margin is a share, not a number of points. */
const MOST_MARGIN = 0.2;

export const DEFAULT_PLAN: Plan = {
  ...{ carrying: 'carry', shadow: 200, questionsPerDay: null, shadowDays: 14, approval: false },
  ...{ waves: [0.05, 0.25, 1], hours: null, waveHours: 24, gates: DEFAULT_GATE, mostFailed: 0.02, mostSilent: 0.2 },
};

/** Throws `usage` for the first value that makes no rollout. */
export function checkPlan(plan: Plan): void {
  const { carrying, shadow, questionsPerDay, shadowDays, waves, waveHours, mostFailed, mostSilent } = plan;
  if (!CARRYING.includes(carrying)) throw wrong('carrying', carrying, CARRYING.join(' or '));
  if (!(Number.isInteger(shadow) && shadow >= LEAST_SHADOW && shadow <= MOST_SHADOW))
    throw wrong('shadow', shadow, `a whole number of machines from ${LEAST_SHADOW} to ${MOST_SHADOW}`);
  const isAsking = Number.isInteger(questionsPerDay) && questionsPerDay! >= 1;
  if (questionsPerDay !== null && !(isAsking && questionsPerDay <= MOST_QUESTIONS_PER_DAY))
    throw wrong('questionsPerDay', questionsPerDay, `a whole number from 1 to ${MOST_QUESTIONS_PER_DAY}`);
  if (!(shadowDays > 0 && shadowDays <= MOST_SHADOW_DAYS))
    throw wrong('shadowDays', shadowDays, `a number above 0, at most ${MOST_SHADOW_DAYS}`);
  if (!(waveHours >= 0 && waveHours <= MOST_WAVE_HOURS))
    throw wrong('waveHours', waveHours, `a number from 0 to ${MOST_WAVE_HOURS}`);
  if (waves.length > MOST_WAVES) throw wrong('waves', waves.length, `at most ${MOST_WAVES} of them`);
  const isRising = waves.every((share, k) => share > (waves[k - 1] ?? 0));
  if (!isRising || waves.at(-1) !== 1) throw wrong('waves', waves, 'shares above 0 that rise to 1');
  for (const [name, share] of Object.entries({ mostFailed, mostSilent }))
    if (!(share >= 0 && share <= 1)) throw wrong(name, share, 'a share from 0 to 1');
  checkApproval(plan);
  if (plan.hours !== null) checkHours(plan.hours);
  checkGates(plan.gates);
}

function checkApproval(plan: Plan): void {
  const { by, people } = approvalOf(plan) ?? { by: 'release', people: 1 };
  if (!APPROVERS.includes(by)) throw wrong('approval.by', by, APPROVERS.join(' or '));
  if (!(Number.isInteger(people) && people >= 1 && people <= MOST_PEOPLE))
    throw wrong('approval.people', people, `a whole number from 1 to ${MOST_PEOPLE}`);
}

function checkGates({ abortMargin, goMargin, abortEvidence, goEvidence }: GateRules): void {
  if (!(abortMargin >= 0 && abortMargin < goMargin))
    throw wrong('gates.abortMargin', abortMargin, 'less than goMargin');
  if (!(goMargin <= MOST_MARGIN)) throw wrong('gates.goMargin', goMargin, `a share of at most ${MOST_MARGIN}`);
  for (const [name, evidence] of Object.entries({ abortEvidence, goEvidence }))
    if (!(evidence > 1 && Number.isFinite(evidence))) throw wrong(`gates.${name}`, evidence, 'an e-value above 1');
}

function wrong(name: string, value: unknown, expected: string): SpikewireError {
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return new SpikewireError('usage', `plan, ${name}`, `is ${shown}`, expected);
}
