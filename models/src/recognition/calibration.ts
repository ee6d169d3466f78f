/** Exponents that are tried, one of them 1. */
const EXPONENTS = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4] as const;
/** Numbers that a calibration keeps. */
export const CALIBRATED = EXPONENTS.length;
/** How much of a loss is left after the next label. */
const DISCOUNT = 0.98;
/** As if so many labels had shown that probabilities are right as they are. */
const PRIOR = 5;
const LEAST = 1e-4;

/**
 * Makes probabilities as sharp as the labels that come say they should be: p^a/Σp^a, which for a softmax is another
 * temperature (Guo, Pleiss, Sun and Weinberger 2017). Of a few exponents the one is taken whose log-loss on the labels
 * so far was least; each label tests the answer before it was learned.
 */
export class Calibration {
  /** Discounted log-loss of each exponent. */
  readonly losses = new Float64Array(EXPONENTS.length);

  begin(): void {
    for (const [k, exponent] of EXPONENTS.entries()) this.losses[k] = PRIOR * Math.abs(Math.log(exponent)) * 0.1;
  }

  constructor() {
    this.begin();
  }

  get exponent(): number {
    let best = 0;
    for (let k = 1; k < EXPONENTS.length; k++) if (this.losses[k]! < this.losses[best]!) best = k;
    return EXPONENTS[best]!;
  }

  /** Takes what the answer was and which class was right. */
  learn(probabilities: Float64Array, label: number): void {
    for (const [k, exponent] of EXPONENTS.entries()) {
      const given = sharpened(probabilities, label, exponent);
      this.losses[k] = DISCOUNT * this.losses[k]! - Math.log(Math.max(LEAST, given));
    }
  }

  /** Writes the probabilities after calibration. */
  apply(probabilities: Float64Array, calibrated: Float64Array): void {
    const exponent = this.exponent;
    let total = 0;
    for (let c = 0; c < probabilities.length; c++) {
      calibrated[c] = probabilities[c] === 0 ? 0 : probabilities[c]! ** exponent;
      total += calibrated[c]!;
    }
    for (let c = 0; c < calibrated.length && total > 0; c++) calibrated[c]! /= total;
  }
}

function sharpened(probabilities: Float64Array, label: number, exponent: number): number {
  let total = 0;
  for (let c = 0; c < probabilities.length; c++) if (probabilities[c]! > 0) total += probabilities[c]! ** exponent;
  return total > 0 ? probabilities[label]! ** exponent / total : 0;
}
