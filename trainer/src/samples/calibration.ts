import { calibrate } from '@spikewire/engine';
import { type DataSet, windowsOf } from '@spikewire/engine/data';
import type { Calibration, Model } from '@spikewire/models';

/** Samples that set the ranges. */
const CALIBRATED = 200;

/** The ranges of a model's numbers on the first training samples of a set, or its samples where it has no such part. */
export function calibrationOn(model: Model, data: DataSet): Calibration {
  const { samples } = data.training ?? data;
  return calibrate(model, windowsOf(model, { ...data, samples: samples.slice(0, CALIBRATED) }));
}
