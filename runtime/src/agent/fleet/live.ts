import { type Model, predictsReadings } from '@spikewire/models';
import type { Outcome } from '../../session/outcome.ts';
import { shortText } from './device-report.ts';
import { LONGEST_REPORTED_NAME } from './report.ts';

/** Of the live values of a machine, in bytes of JSON. */
export const LARGEST_LIVE = 1024;

/** What a machine shows at this moment to people who look at its device: no more of a reading than what came of it. */
export interface LiveValues {
  /** Readings since the start of the process. */
  readonly readings: number;
  /** How unusual the newest reading is, in units of what is usual. */
  readonly score?: number | undefined;
  /** Whether a monitor calls the newest reading unusual. */
  readonly anomaly?: boolean | undefined;
  /** The class, or the number, that the newest answer names. */
  readonly answer?: string | number | undefined;
}

/** The live values of a machine, as far as the newest outcome has them. */
export function liveValues(
  readings: number,
  model: Model,
  { result, verdict }: Partial<Pick<Outcome, 'result' | 'verdict'>> = {},
): LiveValues {
  const answer = answerIn(model, result);
  return {
    readings,
    ...(Number.isFinite(verdict?.score) && { score: verdict!.score }),
    ...(verdict !== undefined && { anomaly: verdict.anomaly }),
    ...(answer !== undefined && { answer }),
  };
}

/** What a net expects of its next reading is nearly a reading, and is not told. */
function answerIn(model: Model, result: Outcome['result']): string | number | undefined {
  if (typeof result === 'string') return shortText(result, LONGEST_REPORTED_NAME);
  if (result?.length !== 1 || predictsReadings(model) || !Number.isFinite(result[0])) return undefined;
  return result[0];
}
