import { type Model, predictsReadings, type Verdict } from '@spikewire/models';
import type { LessonOutcome } from '../session/lessons.ts';
import type { Outcome } from '../session/outcome.ts';
import type { Lesson } from '../session/teaching.ts';

/** Whether people are told of an outcome: of an answer, and of what is flagged before there is one. */
export function isTold({ pending, verdict }: Outcome): boolean {
  return pending !== true || (verdict?.anomaly ?? false);
}

/** The message of an outcome (docs/semantics.md §8), with the keys that a Node-RED message carries too. */
export function formatOutcome(model: Model, outcome: Outcome) {
  const { verdict, confidence, likeliest, warmUp } = outcome;
  return {
    t: outcome.time,
    seq: outcome.sequence,
    result: formatResult(model, outcome.result),
    ...(confidence === undefined ? {} : { confidence }),
    ...(likeliest === undefined ? {} : { likeliest }),
    ...(verdict === undefined ? {} : { score: finiteOrNull(verdict.score), anomaly: verdict.anomaly }),
    ...formatFlags(outcome.verdicts),
    ...(warmUp.done < warmUp.of ? { warmUp } : {}),
    latencyUs: Math.round(outcome.latencyMicroseconds),
    spikes: outcome.spikes,
    learned: outcome.learned,
  };
}

/** The message of an alarm without a reading: `sequence` is the number of the last one. */
export function formatAlarm(time: number, sequence: number, verdicts: readonly Verdict[]) {
  return { t: time, seq: sequence, result: null, anomaly: true, ...formatFlags(verdicts) };
}

/** What came of a lesson; `label`, and the time that it is `about`, are there where the lesson has them. */
export function formatLesson(lesson: Lesson, outcome: LessonOutcome, saved: boolean) {
  const { kind, time } = lesson;
  return {
    kind,
    ...(lesson.kind === 'label' ? { label: lesson.label } : {}),
    ...(time === undefined ? {} : { about: time }),
    outcome,
    saved,
  };
}

/** What is unusual or to be said, by the monitor that says so; nothing where none does. */
function formatFlags(verdicts: readonly Verdict[]) {
  const flags = verdicts.filter(({ anomaly, note }) => anomaly || note !== undefined);
  if (flags.length === 0) return {};
  return { monitors: Object.fromEntries(flags.map(({ monitor, title: _, anomaly: __, ...flag }) => [monitor, flag])) };
}

/** Named channels for a net that predicts its named input; a bare number for one output; else an array. */
function formatResult(model: Model, result: Outcome['result']) {
  if (result === undefined) return null;
  if (typeof result === 'string') return result;
  if (predictsReadings(model) && model.channels.length === result.length) {
    return Object.fromEntries(model.channels.map(({ name }, channel) => [name, result[channel]!]));
  }
  return result.length === 1 ? result[0]! : Array.from(result);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
