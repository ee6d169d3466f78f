import { SpikewireError } from '../error.ts';
import type { JsonObject, Model, MonitorDeclaration } from '../model/model.ts';
import type { MonitorKind } from '../monitoring/monitor/monitor.ts';
import { monitorKindOf } from '../monitoring/monitors.ts';
import { type NextReadingOptions, nextReadingModel } from '../nef/next-reading.ts';

export interface AnomalyOptions extends NextReadingOptions {
  /** Types of the monitors beside the prediction, each once; default {@link besidePrediction}. */
  readonly beside?: readonly string[];
  /**
   * Readings of the warm-up, default 400. Of a longer one half is for the ranges. A machine with a cycle needs
   * about three cycles.
   */
  readonly warmUp?: number;
  /** Parameters of all its monitors, such as `inRow`; those of `monitor` are of the first alone. */
  readonly monitors?: JsonObject;
}

/** What the prediction of the next reading does not see, or says nothing of. */
export const besidePrediction: readonly string[] = [
  'spread',
  'stuck',
  'jump',
  'drift',
  'rate',
  'silence',
  'extremum',
  'surprise',
  'pair-novelty',
  'sequence',
  'relation',
  'stay',
  'average',
];

/**
 * Side by side false alarms add up. Those of novelty see news in each step of what wanders or hardly moves, and are
 * less sensitive here than alone (test/bench/RESULTS.md, "Faults that are injected").
 */
const AMONG_OTHERS: Readonly<Record<string, JsonObject>> = {
  'pair-novelty': { sensitivity: 9 },
  sequence: { sensitivity: 6.5 },
  relation: { sensitivity: 5.5 },
};

/** Readings of the warm-up where nothing else is asked for. */
const DECLARED = 400;
/** A longer warm-up is not theirs: how often readings come does not depend on what the machine does. */
const OF_TIME = ['rate', 'silence'];

/**
 * A net that says what is unusual about a stream, and why: it predicts the next reading and goes on learning
 * (`nextReadingModel`), and beside it monitors watch for what a prediction does not see. Seeded. Throws `graph` for a
 * monitor that is unknown or the prediction's own.
 */
export function anomalyModel(asked: AnomalyOptions): Model {
  const { beside = besidePrediction, monitors = {}, warmUp = DECLARED, ...options } = asked;
  const model = nextReadingModel({ ...inParts(warmUp), ...options });
  const [first] = model.monitors!;
  const others = beside.map((type, k): MonitorDeclaration => {
    const where = `anomaly model.beside[${k}]`;
    const kind = monitorKindOf(type, where);
    if (kind.predicts) throw new SpikewireError('graph', where, `is "${type}"`, 'another than the prediction');
    return { type, parameters: { ...AMONG_OTHERS[type], ...longer(kind, warmUp), ...monitors } };
  });
  return { ...model, monitors: [{ type: first!.type, parameters: { ...first!.parameters, ...monitors } }, ...others] };
}

/** Divides a warm-up into that of the ranges and that of the prediction. */
function inParts(warmUp: number): Partial<NextReadingOptions> {
  if (warmUp === DECLARED) return {};
  const rangeWarmUp = Math.round(warmUp / 2);
  return { rangeWarmUp, monitor: { warmUp: warmUp - rangeWarmUp } };
}

/** The warm-up of a monitor beside the prediction: it does not flag anything before the prediction does. */
function longer({ type, parameters }: MonitorKind, warmUp: number): JsonObject {
  const own = Number((parameters.warmUp as { readonly default?: number }).default);
  return warmUp <= Math.max(own, DECLARED) || OF_TIME.includes(type) ? {} : { warmUp };
}
