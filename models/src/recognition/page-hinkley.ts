import { kept, real, whole } from '../kept-numbers.ts';
import type { DriftDetector } from './drift.ts';

/** Growth of the mean that does not matter. */
const TOLERANCE = 0.005;
/** λ: what the values above the mean must add up to. */
const LIMIT = 5;

/**
 * Test of Page and Hinkley (Page 1954; Gama, Žliobaitė, Bifet, Pechenizkiy and Bouchachia 2014, A survey on concept
 * drift adaptation): the sum of (value − mean so far − δ) above the least that it was.
 */
export class PageHinkley implements DriftDetector {
  /** Values, their mean, the sum, its least. */
  readonly state = new Float64Array(4);
  readonly kept = kept(this.state, whole(), real(0, 1), real(), real());

  begin(): void {
    this.state.fill(0);
  }

  learn(value: number): boolean {
    const { state } = this;
    state[0]! += 1;
    state[1]! += (value - state[1]!) / state[0]!;
    state[2]! += value - state[1]! - TOLERANCE;
    state[3] = Math.min(state[3]!, state[2]!);
    if (state[2]! - state[3]! <= LIMIT) return false;
    this.begin();
    return true;
  }
}
