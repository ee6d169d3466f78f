import type { Model } from '@spikewire/models';
import type { Outcome } from '../session/session.ts';

/** The message of an outcome (docs/semantics.md §8), with the keys that a Node-RED message carries too. */
export function formatOutcome(model: Model, outcome: Outcome) {
  const { verdict, warmUp } = outcome;
  return {
    t: outcome.time,
    seq: outcome.sequence,
    result: formatResult(model, outcome.result),
    ...(verdict === undefined ? {} : { score: finiteOrNull(verdict.score), anomaly: verdict.anomaly }),
    ...(warmUp.done < warmUp.of ? { warmUp } : {}),
    latencyUs: Math.round(outcome.latencyMicroseconds),
    spikes: outcome.spikes,
    learned: outcome.learned,
  };
}

/** Named channels for a net that predicts its named input; a bare number for one output; else an array. */
function formatResult(model: Model, result: Outcome['result']) {
  if (result === undefined) return null;
  if (typeof result === 'string') return result;
  if (model.monitor !== undefined && model.channels.length === result.length) {
    return Object.fromEntries(model.channels.map(({ name }, channel) => [name, result[channel]!]));
  }
  return result.length === 1 ? result[0]! : Array.from(result);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
