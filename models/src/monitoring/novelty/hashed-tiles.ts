import { held } from '../../held.ts';
import { agreeing, type KeptNumbers, kept, real, whole } from '../../kept-numbers.ts';
import { PastRange } from '../usual/past-range.ts';

/**
 * Three whole numbers as one of 0 … 2³² − 1: multiplied by odd constants, then finished as MurmurHash3 does (Appleby
 * 2011).
 */
export function mixed(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77) ^ Math.imul(c, 0xc2b2ae3d);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Tilings, each shifted against the next: how many columns stand for a number. */
export const TILINGS = 8;
/** Buckets that a tile is wide. Two numbers closer than that share tiles, the more the closer they are. */
const TILE_WIDTH = 21;
/** A bucket is the power of two at or above this share of the range of the warm-up. */
const BUCKETS_OF_RANGE = 130;
/** Of a channel that did not move in the warm-up: a bucket's share of its magnitude, and in its own units. */
const LEAST_SHARE = 1e-3;
const LEAST_BUCKET = 1e-6;
const FARTHEST_BUCKET = 1e6;

/**
 * Sparse code of a number without ends: tile coding (Albus 1975) whose tiles are hashed to a few columns, so that
 * numbers beyond all that came before have columns, too. The width of a bucket follows the range of the first `warmUp`
 * numbers and then stays, because what was learned is about these buckets.
 */
export class HashedTiles {
  /** Everything that changes, for saving and restoring. */
  readonly state: Readonly<Record<'tiles' | 'tileRange', KeptNumbers<Float64Array>>>;
  /** The columns of the last number, one of each tiling; two may be the same. */
  readonly columns = new Uint16Array(TILINGS);
  readonly #size: number;
  readonly #warmUp: number;
  readonly #seed: number;
  readonly #range: PastRange;
  /** [first number, width of a bucket, numbers of the warm-up seen] */
  readonly #scale = new Float64Array(3);

  /** @param size columns there are, 1…65,536 */
  constructor(size: number, warmUp: number, seed: number) {
    this.#size = size;
    this.#warmUp = warmUp;
    this.#seed = seed;
    this.#range = new PastRange(warmUp);
    const tiles = agreeing(kept(this.#scale, real(), real(0), whole()), 'a width of buckets', (saved) => {
      const [, width, seen] = saved(this.#scale);
      return seen === 0 || width! > 0;
    });
    this.state = { tiles, tileRange: this.#range.kept };
  }

  /** Finds the columns of a finite number. */
  encode(x: number): void {
    if (this.#scale[2]! < this.#warmUp) this.#widen(x);
    const unbounded = Math.floor((x - this.#scale[0]!) / this.#scale[1]!);
    const bucket = Math.max(-FARTHEST_BUCKET, Math.min(FARTHEST_BUCKET, unbounded));
    for (let tiling = 0; tiling < TILINGS; tiling++) {
      const shift = Math.floor((TILE_WIDTH * tiling) / TILINGS);
      const tile = Math.floor((bucket + shift) / TILE_WIDTH);
      this.columns[tiling] = mixed(tiling, tile, this.#seed) % this.#size;
    }
  }

  /** The code of each number is that of one so much higher from now on. */
  shift(rise: number): void {
    this.#scale[0] = held(this.#scale[0]! + rise);
  }

  #widen(x: number): void {
    if (this.#scale[2] === 0) this.#scale[0] = x;
    this.#scale[2]! += 1;
    this.#range.learn(x);
    const bucket = this.#range.width / BUCKETS_OF_RANGE || Math.max(LEAST_SHARE * Math.abs(x), LEAST_BUCKET);
    this.#scale[1] = Math.max(this.#scale[1]!, powerOfTwoFrom(bucket));
  }
}

/** The least power of two that is not below a positive number. */
function powerOfTwoFrom(number: number): number {
  let power = 1;
  while (power < number) power *= 2;
  while (power / 2 >= number) power /= 2;
  return power;
}
