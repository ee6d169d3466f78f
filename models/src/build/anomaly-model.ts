import { SpikewireError } from '../error.ts';
import type { JsonObject, Model, MonitorDeclaration } from '../model.ts';
import { monitorKindOf } from '../monitoring/monitors.ts';
import { type NextReadingOptions, nextReadingModel } from '../nef/next-reading.ts';

export interface AnomalyOptions extends NextReadingOptions {
  /** Types of the monitors beside the prediction, each once; default {@link besidePrediction}. */
  readonly beside?: readonly string[];
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
];

/**
 * Side by side false alarms add up. Those of novelty see news in each step of what wanders or hardly moves, and are
 * less sensitive here than alone (test/bench/RESULTS.md, "Faults that are injected").
 */
const AMONG_OTHERS: Readonly<Record<string, JsonObject>> = {
  'pair-novelty': { sensitivity: 8 },
  sequence: { sensitivity: 5 },
};

/**
 * A net that says what is unusual about a stream, and why: it predicts the next reading and goes on learning
 * (`nextReadingModel`), and beside it monitors watch for what a prediction does not see. Seeded. Throws `graph` for a
 * monitor that is unknown or the prediction's own.
 */
export function anomalyModel({ beside = besidePrediction, monitors = {}, ...options }: AnomalyOptions): Model {
  const model = nextReadingModel(options);
  const [first] = model.monitors!;
  const others = beside.map((type, k): MonitorDeclaration => {
    const where = `anomaly model.beside[${k}]`;
    if (monitorKindOf(type, where).predicts)
      throw new SpikewireError('graph', where, `is "${type}"`, 'another than the prediction');
    return { type, parameters: { ...AMONG_OTHERS[type], ...monitors } };
  });
  return { ...model, monitors: [{ type: first!.type, parameters: { ...first!.parameters, ...monitors } }, ...others] };
}
