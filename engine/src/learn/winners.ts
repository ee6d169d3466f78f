import {
  type Connectivity,
  type KeptState,
  kept,
  type LearningDeclaration,
  SpikewireError,
  whole,
} from '@spikewire/models';
import { type SparseActivity, sparseActivity } from './sparse-activity.ts';

/**
 * Competition for learning: of a sample it lets the first post spikes alone through to a rule, one of a map, in one step
 * those with the highest membranes first, of equal ones the lowest index.
 */
export class Winners {
  /** Everything that changes, by name. */
  readonly state: KeptState;
  readonly bytes: number;
  /** Of the last step taken. */
  readonly activity: SparseActivity;
  /** The sample that they are of, −1 before the first, and how many there are. Exact to 2^53. */
  readonly #now = Float64Array.of(-1, 0);
  /** Outputs that have won, in the order in which they did. */
  readonly #outputs: Int32Array;
  readonly #single = new Float32Array(1);
  readonly #bits = new Int32Array(this.#single.buffer);
  readonly #every: number;
  readonly #apart: number;
  readonly #mapOf: (output: number) => number;
  /** Columns of a map; one where outputs have no place. */
  readonly #width: number;
  readonly #places: number;

  /**
   * Undefined where nothing of the declaration makes outputs compete. Throws `learning` for places that there are none
   * of.
   */
  static of(
    { winners }: LearningDeclaration,
    connectivity: Connectivity,
    sampleSteps: number,
    where: string,
  ): Winners | undefined {
    if (winners === undefined) return undefined;
    const { structure } = connectivity;
    if (winners.apart !== undefined && structure !== 'convolution') {
      const problem = `is on a connection of structure ${structure}, whose outputs have no places`;
      throw new SpikewireError('learning', `${where}.winners.apart`, problem, 'a convolution, or none');
    }
    return new Winners(winners, connectivity, sampleSteps);
  }

  private constructor(
    { most, apart = 0, every }: NonNullable<LearningDeclaration['winners']>,
    connectivity: Connectivity,
    sampleSteps: number,
  ) {
    const { outputs, groupOf } = connectivity;
    const [height, width] = connectivity.structure === 'convolution' ? connectivity.geometry.outputSize : [1, 1];
    this.#every = every ?? sampleSteps;
    this.#apart = apart;
    this.#mapOf = groupOf;
    this.#width = width;
    this.#places = height * width;
    this.#outputs = new Int32Array(Math.min(most, outputs)).fill(-1);
    this.activity = sparseActivity(this.#outputs.length);
    this.state = {
      winners: kept(this.#outputs, whole(-1, outputs - 1)),
      'winners.now': kept(this.#now, whole(-1), whole(0, this.#outputs.length)),
    };
    const { index, value } = this.activity;
    this.bytes = this.#outputs.byteLength + this.#now.byteLength + index.byteLength + value.byteLength;
  }

  /** Takes the post spikes of step `step` and the membranes of all outputs; those that win are in `activity`. */
  take(step: number, post: SparseActivity, readMembrane: () => ArrayLike<number>): void {
    this.activity.length = 0;
    if (post.length === 0) return;
    const sample = Math.floor(step / this.#every);
    if (this.#now[0] !== sample) this.#begin(sample);
    const before = this.#count;
    if (before === this.#outputs.length) return;
    const membrane = readMembrane();
    while (this.#count < this.#outputs.length) {
      const best = this.#strongest(post, membrane);
      if (best < 0) break;
      this.#outputs[this.#now[1]!++] = post.index[best]!;
    }
    this.#collect(post, before);
  }

  reset(): void {
    this.#begin(-1);
  }

  /** To be called after `state` was overwritten from outside. */
  restored(): void {
    const count = this.#count;
    if (!(Number.isInteger(count) && count >= 0 && count <= this.#outputs.length)) this.#begin(-1);
  }

  get #count(): number {
    return this.#now[1]!;
  }

  #begin(sample: number): void {
    this.#now[0] = sample;
    this.#now[1] = 0;
    this.#outputs.fill(-1);
  }

  /** Where in `post` the highest membrane is of those that may still win; −1 for none. */
  #strongest({ length, index }: SparseActivity, membrane: ArrayLike<number>): number {
    let [best, highest] = [-1, Number.NaN];
    for (let k = 0; k < length; k++) {
      const height = this.#coarse(membrane[index[k]!]!);
      if ((best >= 0 && !(height > highest)) || !this.#mayWin(index[k]!)) continue;
      [best, highest] = [k, height];
    }
    return best;
  }

  /**
   * Twelve significant bits: neurons of a map that saw the same in another order differ by rounding alone, and an engine
   * of less precision must not let another one win.
   */
  #coarse(value: number): number {
    this.#single[0] = value;
    this.#bits[0] = (this.#bits[0]! + 0x800) & ~0xfff;
    return this.#single[0]!;
  }

  #mayWin(output: number): boolean {
    for (let k = 0; k < this.#count; k++) {
      const other = this.#outputs[k]!;
      if (this.#mapOf(other) === this.#mapOf(output) || this.#distance(other, output) < this.#apart) return false;
    }
    return true;
  }

  /** The larger of the rows and columns between two places. */
  #distance(one: number, other: number): number {
    const [a, b] = [one % this.#places, other % this.#places];
    const rows = Math.floor(a / this.#width) - Math.floor(b / this.#width);
    return Math.max(Math.abs(rows), Math.abs((a % this.#width) - (b % this.#width)));
  }

  /** Those that have won since `before`, as they came. */
  #collect({ length, index, value }: SparseActivity, before: number): void {
    const { activity } = this;
    activity.length = 0;
    for (let k = 0; k < length; k++) {
      if (this.#outputs.indexOf(index[k]!, before) < 0) continue;
      activity.index[activity.length] = index[k]!;
      activity.value[activity.length++] = value[k]!;
    }
  }
}
