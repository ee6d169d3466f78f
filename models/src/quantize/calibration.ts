import { encoderKindOf } from '../coding/encoders/encoders.ts';
import { SpikewireError } from '../error.ts';
import type { CodingDeclaration, Model } from '../model/model.ts';
import type { InputQuantization } from '../model/quantization.ts';
import type { Wiring } from '../resolve/wiring.ts';

/** What was seen of the numbers in a run on representative data. */
export interface Calibration {
  /**
   * By Input node: `spikes` (values −1, 0 and 1), or the largest magnitude of graded values. Default: range 1 behind an
   * encoder whose events are graded, else spikes.
   */
  readonly inputs?: ReadonlyMap<string, 'spikes' | number>;
  /** By read-out node: the largest magnitude of its state. Default: an assumption from its weights, with a warning. */
  readonly states?: ReadonlyMap<string, number>;
}

/** The number format of every Input. */
export function quantizeInputs(
  { encoder }: Model,
  { graph }: Wiring,
  calibration: Calibration | undefined,
): Map<string, InputQuantization> {
  const inputs = graph.nodes.filter(({ kind }) => kind.role === 'input').map(({ name }) => name);
  for (const name of calibration?.inputs?.keys() ?? []) {
    if (!inputs.includes(name)) {
      throw new SpikewireError('parameter', `calibration of "${name}"`, 'names no Input node', inputs.join(', '));
    }
  }
  return new Map(
    inputs.map((name) => {
      const range = calibration?.inputs?.get(name) ?? (isGraded(encoder.get(name)) ? 1 : 'spikes');
      if (range === 'spikes') return [name, { scale: 1, maximum: 1 }];
      requirePositive(range, `calibration of input "${name}"`);
      return [name, { scale: range / 127, maximum: 127 }];
    }),
  );
}

function isGraded(encoder: CodingDeclaration | undefined): boolean {
  if (encoder === undefined) return false;
  return encoderKindOf(encoder.type, 'encoder').emits(encoder.parameters) === 'graded';
}

/** The calibrated range of a read-out's state, or undefined. */
export function calibratedRange(calibration: Calibration | undefined, name: string): number | undefined {
  const range = calibration?.states?.get(name);
  if (range !== undefined) requirePositive(range, `calibration of state "${name}"`);
  return range;
}

function requirePositive(value: number, where: string): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new SpikewireError('parameter', where, `is ${value}`, 'a number above 0');
}
