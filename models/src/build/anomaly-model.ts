import type { JsonObject, Model, MonitorDeclaration } from '../model.ts';
import { type NextReadingOptions, nextReadingModel } from '../nef/next-reading.ts';

export interface AnomalyOptions extends NextReadingOptions {
  /** Parameters of all its monitors, such as `inRow`; those of `monitor` are of the first alone. */
  readonly monitors?: JsonObject;
}

/** What the prediction of the next reading does not see, or says nothing of. */
const BESIDE = ['spread', 'stuck', 'drift', 'rate', 'silence'] as const;

/**
 * A net that says what is unusual about a stream, and why: it predicts the next reading and goes on learning
 * (`nextReadingModel`), and beside it monitors watch for what a prediction does not see. Seeded.
 */
export function anomalyModel({ monitors = {}, ...options }: AnomalyOptions): Model {
  const model = nextReadingModel(options);
  const beside = BESIDE.map((type): MonitorDeclaration => ({ type, parameters: monitors }));
  const [first] = model.monitors!;
  return { ...model, monitors: [{ type: first!.type, parameters: { ...first!.parameters, ...monitors } }, ...beside] };
}
