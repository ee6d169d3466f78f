import { CALIBRATION_EVIDENCE, type CalibrationState, evidenceOfWorseConfidence } from './calibration.ts';

/** Synaptic operations of a sample, mean: of both models, and as the new one's card says, where it does. */
export interface PairedOperations {
  readonly old: number;
  readonly new: number;
  readonly card: number | null;
}

/**
 * A new model may need so many times the synaptic operations of the old one. They are most of what a reading costs in
 * energy; nets of the same size that learned from other samples differ by less, and a battery would last half as long.
 */
const MOST_TIMES = 2;
/** Or so many times what its card says: its publisher knew, and readings differ from those of the training. */
const MOST_TIMES_CARD = 1.5;
/** Fewer than this are nothing to any machine that runs this program: well below a millisecond of a Raspberry Pi. */
const LEAST_OPERATIONS = 10_000;

/** Why a model needs a person's approval though labels say that it is not worse. */
export function objectionsTo(operations: PairedOperations | undefined, calibration: CalibrationState): string[] {
  return [workOf(operations), confidenceOf(calibration)].filter((each) => each !== undefined);
}

function workOf(operations: PairedOperations | undefined): string | undefined {
  if (operations === undefined || !(operations.old > 0)) return undefined;
  const { old, new: own, card } = operations;
  if (own < LEAST_OPERATIONS || own <= MOST_TIMES * old || (card !== null && own <= MOST_TIMES_CARD * card))
    return undefined;
  const said = card === null ? '' : `; its card says ${Math.round(card)}`;
  return `it needs ${Math.round(own)} synaptic operations a sample instead of ${Math.round(old)}${said}`;
}

function confidenceOf(calibration: CalibrationState): string | undefined {
  const { rated, oldLoss, newLoss } = calibration;
  if (evidenceOfWorseConfidence(calibration) < CALIBRATION_EVIDENCE) return undefined;
  const [own, old] = [newLoss, oldLoss].map((loss) => (loss / rated).toFixed(3));
  return `its confidence fits the labels worse: Brier score ${own} instead of ${old} on ${rated} answers`;
}
