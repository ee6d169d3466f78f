import { type KeptState, kept, real, whole } from '../../kept-numbers.ts';

/** Stretches of readings that are remembered. */
const STRETCHES = 20;

/** The interval of readings since it last changed, from the durations and counts of the last stretches. */
export class RecentInterval {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  /** Milliseconds. */
  readonly #times = new Float64Array(STRETCHES);
  readonly #readings = new Float64Array(STRETCHES);
  /** [place of the next stretch] */
  readonly #next = new Float64Array(1);

  constructor() {
    this.state = {
      times: kept(this.#times, real(0)),
      readings: kept(this.#readings, whole()),
      next: kept(this.#next, whole(0, STRETCHES - 1)),
    };
  }

  /** So many readings in so many milliseconds. */
  add(time: number, readings: number): void {
    this.#times[this.#next[0]!] = time;
    this.#readings[this.#next[0]!] = readings;
    this.#next[0] = (this.#next[0]! + 1) % STRETCHES;
  }

  /**
   * Mean interval, in milliseconds, of those last stretches that tell best from intervals of mean `usual`, longer ones
   * or shorter ones: the likelihood ratio of a change in a Poisson process, at its maximum (Hinkley 1970). Undefined
   * where none does.
   */
  awayFrom(usual: number, isLonger: boolean): number | undefined {
    let [time, readings, best] = [0, 0, 0];
    let mean: number | undefined;
    for (let back = 1; back <= STRETCHES; back++) {
      const k = (this.#next[0]! - back + STRETCHES) % STRETCHES;
      time += this.#times[k]!;
      readings += this.#readings[k]!;
      const ratio = time / readings / usual;
      const gain = readings * (ratio - 1 - Math.log(ratio));
      if (ratio > 1 === isLonger && gain > best) [best, mean] = [gain, time / readings];
    }
    return mean;
  }
}
