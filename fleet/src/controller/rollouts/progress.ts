import type { Phase, RolloutRow } from '../database/rollout-rows.ts';
import { type DeviceCounts, evidenceOf, isJudging } from './evidence.ts';
import { opening } from './hours.ts';
import { approvalOf, LEAST_SHADOW, type Plan } from './plan.ts';

export interface Progress {
  readonly phase: Phase;
  /** How many of `waves` have begun: 0 until the trial has ended. */
  readonly waves: number;
  /** When the phase or the wave began, or will begin, where its plan has hours; in milliseconds since 1970. */
  readonly since: number;
  /** Why it is held or stopped, for people. */
  readonly reason?: string;
}

/** What the machines of a rollout have reported. */
export interface Reported {
  /** Machines of the rollout. */
  readonly machines: number;
  /** What those have counted that try the base, or have tried it. */
  readonly counts: readonly DeviceCounts[];
  /** Machines that are to try the base, or in waves to answer with it, by now; */
  readonly asked: number;
  /** of these, the machines that do so, that failed, and that have not reported for too long. */
  readonly reached: number;
  readonly failed: number;
  readonly silent: number;
  /** Machines that would be asked, too, but whose repository does not offer the base to them. */
  readonly unoffered: number;
  /** Machines that were to try the base or to answer with it at any time, and those of them on which it failed. */
  readonly tried: number;
  readonly failures: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Fewer failures are looked at one by one. */
const LEAST_FAILURES = 3;

/**
 * The next phase or wave of a rollout, or the same progress where nothing changes.
 */
export function advance(plan: Plan, progress: Progress, reported: Reported, now: number): Progress {
  if (progress.phase === 'done' || progress.phase === 'stopped') return progress;
  const fault = faultOf(plan, reported);
  if (fault !== undefined) return { ...progress, phase: 'stopped', since: now, reason: fault };
  if (progress.phase === 'shadow') return afterShadow(plan, progress, reported, now);
  return progress.phase === 'waves' ? afterWave(plan, progress, reported, now) : progress;
}

/** A person lets a rollout that is held go on with its next wave. */
export function approve(plan: Plan, progress: Progress, now: number): Progress {
  return progress.phase === 'held' ? nextWave(plan, progress, now) : progress;
}

function nextWave({ waves, hours }: Plan, { waves: begun }: Progress, now: number): Progress {
  return begun === waves.length
    ? { phase: 'done', waves: begun, since: now }
    : { phase: 'waves', waves: begun + 1, since: hours === null ? now : opening(hours, now) };
}

function held(progress: Progress, now: number, reason: string): Progress {
  return { ...progress, phase: 'held', since: now, reason };
}

function faultOf({ gates, mostFailed }: Plan, { counts, tried, failures }: Reported): string | undefined {
  if (evidenceOf(counts, gates).worse >= gates.abortEvidence) {
    const [lost, gained] = [sumOf(counts, 'lost'), sumOf(counts, 'gained')];
    return `it was wrong ${lost} times where the present base was right; the reverse happened ${gained} times`;
  }
  return failures >= LEAST_FAILURES && failures > mostFailed * tried
    ? `it failed on ${failures} of ${tried} machines`
    : undefined;
}

function sumOf(counts: readonly DeviceCounts[], name: 'lost' | 'gained'): number {
  return counts.reduce((sum, each) => sum + each[name], 0);
}

function silenceOf({ mostSilent }: Plan, { asked, silent }: Reported): string | undefined {
  return silent > mostSilent * asked ? `${silent} of ${asked} machines do not report` : undefined;
}

function unofferedIn({ mostSilent }: Plan, { asked, unoffered }: Reported): string | undefined {
  const machines = asked + unoffered;
  return unoffered > mostSilent * machines
    ? `the repository of ${unoffered} of ${machines} machines does not offer this base: publish it again, or abort`
    : undefined;
}

function afterShadow(plan: Plan, progress: Progress, reported: Reported, now: number): Progress {
  const { gates, shadowDays } = plan;
  const { counts, machines } = reported;
  const isGood = evidenceOf(counts, gates).notWorse >= gates.goEvidence;
  if (isGood && counts.filter(isJudging).length >= LEAST_SHADOW) {
    const why = silenceOf(plan, reported) ?? unofferedIn(plan, reported) ?? approvalWanted(plan);
    return why === undefined ? nextWave(plan, progress, now) : held(progress, now, why);
  }
  if (isGood && machines < LEAST_SHADOW)
    return held(progress, now, `it is not worse by its labels, but ${machines} machines are too few to decide by them`);
  const unoffered = now - progress.since < OFFER_DAYS * DAY ? undefined : unofferedIn(plan, reported);
  if (unoffered !== undefined) return held(progress, now, unoffered);
  if (now - progress.since < shadowDays * DAY) return progress;
  const devices = counts.filter(isJudging).length;
  const few =
    `it is not worse by its labels, but only ${devices} devices gave labels: fewer than ${LEAST_SHADOW} say too ` +
    'little';
  return held(progress, now, isGood ? few : `${shadowDays} days have not shown whether it is worse`);
}

function approvalWanted(plan: Plan): string | undefined {
  const { by, people } = approvalOf(plan) ?? {};
  if (people === undefined) return undefined;
  const who = people === 1 ? 'a person' : `${people} people`;
  return `it is not worse; the plan wants an approval by ${who} with the role ${by}`;
}

function afterWave(plan: Plan, progress: Progress, reported: Reported, now: number): Progress {
  const { asked, reached, failed, silent } = reported;
  if (now - progress.since < plan.waveHours * HOUR) return progress;
  const why = silenceOf(plan, reported) ?? unofferedIn(plan, reported);
  if (why !== undefined) return held(progress, now, why);
  // Those that are silent get it when they return.
  const left = asked - reached - failed - silent;
  if (left === 0) return nextWave(plan, progress, now);
  if (now - progress.since < plan.waveHours * HOUR + WAIT_DAYS * DAY) return progress;
  return held(progress, now, `${left} of ${asked} machines report, and have not installed it`);
}

/** After the beginning, for copies of the repository that are behind. */
const OFFER_DAYS = 1;
/** Beyond its hours, for the last machines of a wave. */
const WAIT_DAYS = 7;

/** What a controller wants of a machine. */
export type Order = 'none' | 'shadow' | 'install' | 'back';

/**
 * What a rollout wants of a machine.
 * @param place 0, 1, …: the order of the machines, drawn once for each rollout; those that join later are last
 * @param reached places that the waves have reached
 */
export function orderFor(plan: Plan, { phase }: Pick<Progress, 'phase'>, place: number, reached: number): Order {
  if (phase === 'stopped') return 'back';
  if (place < reached) return 'install';
  return place < plan.shadow ? 'shadow' : 'none';
}

/**
 * How many machines are to have the base after so many waves, of which each has one machine at least.
 * @param waves from 1 on
 * @param machines that can get it
 */
export function machinesOfWave(plan: Plan, waves: number, machines: number): number {
  return Math.min(machines, Math.max(waves, Math.ceil(plan.waves[waves - 1]! * machines)));
}

/** How many places the waves have reached that have begun; the last one reaches also machines that join later. */
export function placesReached(
  plan: Plan,
  { waves, wavePlaces, machines }: Pick<RolloutRow, 'waves' | 'wavePlaces' | 'machines'>,
): number {
  if (waves === plan.waves.length) return machines;
  return waves === 0 ? 0 : (JSON.parse(wavePlaces) as number[])[waves - 1]!;
}
