import { describeNonFinite } from '@spikewire/engine/network';
import type { Session } from '../session.ts';

/** Says once of a net that numbers did not fit their format, and once that some left all bounds. */
export class NumberTroubles {
  readonly #warn: (line: string) => void;
  #saidOverflow = false;
  #saidNonFinite = false;

  constructor(warn: (line: string) => void) {
    this.#warn = warn;
  }

  /** At the first of each; how often it has happened is in the status. */
  look({ overflow, nonFinite }: Pick<Session, 'overflow' | 'nonFinite'>): void {
    const { saturatedHigh, saturatedLow, clippedInputs } = overflow;
    const membranes = saturatedHigh + saturatedLow;
    if (!this.#saidOverflow && membranes + clippedInputs > 0) {
      this.#saidOverflow = true;
      const cut = `${clippedInputs} input values and ${membranes} membranes did not fit their number format`;
      const advice = 'quantise with data like these, or with more headroom';
      this.#warn(`${cut} and were limited to its end; if this continues, results get worse: ${advice}`);
    }
    if (this.#saidNonFinite || nonFinite === undefined) return;
    this.#saidNonFinite = true;
    this.#warn(describeNonFinite(nonFinite));
  }
}
