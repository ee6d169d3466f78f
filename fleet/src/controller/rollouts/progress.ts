import { evidenceOfNotWorse, evidenceOfWorse, type PairedCounts } from 'spikewire/agent';
import { LEAST_SHADOW, type Plan } from './plan.ts';

/**
 * Where a rollout stands: the base is tried beside the present one (`shadow`), waits for a person (`held`), comes to
 * one wave after another (`waves`), or has ended, everywhere (`done`) or nowhere (`stopped`). The former base is
 * watched beside the new one until the end.
 */
export type Phase = 'shadow' | 'held' | 'waves' | 'done' | 'stopped';

export interface Progress {
  readonly phase: Phase;
  /** Of `waves`, from 0. */
  readonly wave: number;
  /** When the phase or the wave began, in milliseconds since 1970. */
  readonly since: number;
  /** Why it is held or stopped, for people. */
  readonly reason?: string;
}

/** What the machines of a rollout have reported. */
export interface Reported {
  /** Paired answers of all of them, old base against new: a sum in which no machine has more than its share. */
  readonly counts: PairedCounts;
  /** Machines that try the base, or have tried it, with at least one label. */
  readonly judging: number;
  /** Machines to which the base was to come by now, */
  readonly asked: number;
  /** and those of them on which it answers, that failed, and that have not reported for too long. */
  readonly answering: number;
  readonly failed: number;
  readonly silent: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Failures of fewer machines are looked at one by one. */
const LEAST_FAILURES = 3;

/**
 * The next phase or wave of a rollout, or the same progress where nothing changes. The evidence of all machines is that
 * of their summed counts: a product of bets, one for each label, which by chance is ever ≥ 1/α with probability ≤ α,
 * whichever machine the label comes from and however often one looks (Ville's inequality; see `evidenceOfWorse`).
 */
export function advance(plan: Plan, progress: Progress, reported: Reported, now: number): Progress {
  if (progress.phase === 'done' || progress.phase === 'stopped') return progress;
  const fault = faultOf(plan, reported);
  if (fault !== undefined) return { ...progress, phase: 'stopped', since: now, reason: fault };
  if (progress.phase === 'shadow') return afterShadow(plan, progress, reported, now);
  return progress.phase === 'waves' ? afterWave(plan, progress, reported, now) : progress;
}

/** A person lets a rollout that is held go on. */
export function approve(progress: Progress, now: number): Progress {
  return progress.phase === 'held' ? { phase: 'waves', wave: progress.wave, since: now } : progress;
}

function faultOf({ gates, mostFailed }: Plan, { counts, asked, failed }: Reported): string | undefined {
  const [lost, gained] = [Math.round(counts.lost), Math.round(counts.gained)];
  if (evidenceOfWorse(counts, gates.abortMargin) >= gates.abortEvidence)
    return `it was wrong ${lost} times where the present base was right; the reverse happened ${gained} times`;
  return failed >= LEAST_FAILURES && failed > mostFailed * asked
    ? `it failed on ${failed} of ${asked} machines`
    : undefined;
}

function afterShadow(plan: Plan, progress: Progress, { counts, judging }: Reported, now: number): Progress {
  const { gates, approval, shadowDays } = plan;
  const isGood = judging >= LEAST_SHADOW && evidenceOfNotWorse(counts, gates.goMargin) >= gates.goEvidence;
  if (isGood && !approval) return { phase: 'waves', wave: 0, since: now };
  if (isGood) return { ...progress, phase: 'held', since: now, reason: 'it is not worse; the plan wants an approval' };
  if (now - progress.since < shadowDays * DAY) return progress;
  return { ...progress, phase: 'held', since: now, reason: `${shadowDays} days have not shown whether it is worse` };
}

function afterWave(plan: Plan, progress: Progress, reported: Reported, now: number): Progress {
  const { waves, waveHours, mostSilent } = plan;
  const { asked, answering, failed, silent } = reported;
  if (now - progress.since < waveHours * HOUR) return progress;
  if (silent > mostSilent * asked)
    return { ...progress, phase: 'held', since: now, reason: `${silent} of ${asked} machines do not report` };
  // Those that are silent get it when they return.
  if (answering + failed + silent < asked) return progress;
  if (progress.wave === waves.length - 1) return { phase: 'done', wave: progress.wave, since: now };
  return { phase: 'waves', wave: progress.wave + 1, since: now };
}

/** What a controller wants of a machine. */
export type Order = 'none' | 'shadow' | 'install' | 'back';

/**
 * What a rollout wants of a machine. Machines that join later are ordered like all others.
 * @param rank 0 … 1, drawn once for each machine and rollout: who is first
 * @param machines of the rollout
 */
export function orderFor(plan: Plan, { phase, wave }: Progress, rank: number, machines: number): Order {
  if (phase === 'done') return 'install';
  if (phase === 'stopped') return 'back';
  const hasBegun = phase === 'waves' || wave > 0;
  if (hasBegun && rank < plan.waves[wave]!) return 'install';
  return rank < plan.shadow / machines ? 'shadow' : 'none';
}
