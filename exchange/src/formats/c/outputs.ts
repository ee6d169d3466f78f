import { type IntegerForm, unitOf } from '@spikewire/models';

/** What a step puts into an Output. */
export interface OutputInC {
  readonly index: number;
  readonly type: 'int32_t' | 'double';
  /** The worth of one; undefined where the sources differ, and real numbers are added. */
  readonly unit?: number;
}

/** Whole numbers, which every processor has, wherever one product with the unit gives the bits of the real sum. */
export function outputInC(form: IntegerForm, index: number): OutputInC {
  const units = unitsOf(form, index);
  const [unit = 1] = units;
  const isWhole = units.length <= 1 || units.every((each) => each === 1);
  return isWhole ? { index, type: 'int32_t', unit } : { index, type: 'double' };
}

/** From the first edge to the last, as every engine adds them. */
export function sumOfReals(form: IntegerForm, index: number): string {
  return unitsOf(form, index)
    .map((unit, k) => `x${k}[n] * ${unit.toExponential()}`)
    .join(' + ');
}

const unitsOf = ({ quantization, wiring }: IntegerForm, index: number) =>
  wiring.incoming[index]!.map(({ source }) => unitOf(wiring, source, quantization));
