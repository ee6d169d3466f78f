import { SpikewireError } from '../error.ts';
import { agreeing, anything, type KeptNumbers, kept } from '../kept-numbers.ts';

const MASK = 0xffffffffffffffffn;

/** splitmix64 (Steele, Lea and Flood 2014): spreads a seed of any quality over the generator's state. */
function splitmix64(seed: bigint): { value: bigint; next: bigint } {
  const next = (seed + 0x9e3779b97f4a7c15n) & MASK;
  let z = next;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return { value: z ^ (z >> 31n), next };
}

/** FNV-1a over the UTF-8 bytes of a stream's name. */
function hashName(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  return hash;
}

/**
 * The one source of randomness: xoshiro128** (Blackman and Vigna 2018), seeded through splitmix64 from a 64-bit seed
 * and the name of the stream it serves. Streams of different names are independent; the four words of state are part of
 * the running net's state and are saved with it.
 */
export class RandomGenerator {
  /** The whole state: four 32-bit words, never all zero. */
  readonly state: Uint32Array;

  constructor(seed: bigint | number, name: string, state: Uint32Array = new Uint32Array(4)) {
    if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
      throw new SpikewireError('parameter', `seed of "${name}"`, `is ${seed}`, 'a whole number of up to 64 bits');
    }
    this.state = state;
    let cursor = (BigInt(seed) ^ hashName(name)) & MASK;
    for (let word = 0; word < 4; word += 2) {
      const { value, next } = splitmix64(cursor);
      cursor = next;
      this.state[word] = Number(value & 0xffffffffn);
      this.state[word + 1] = Number(value >> 32n);
    }
    if (this.state.every((word) => word === 0)) this.state[0] = 1;
  }

  /** The state, as it is saved: of zeros alone nothing but zeros would come. */
  get kept(): KeptNumbers<Uint32Array> {
    const { state } = this;
    return agreeing(kept(state, anything), 'words that are not all 0', (saved) =>
      saved(state).some((word) => word > 0),
    );
  }

  /** A uniform integer in 0…2³²−1. */
  nextUint32(): number {
    const s = this.state;
    const scrambled = Math.imul(s[1]!, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** Writes the next `count` integers of `nextUint32` into `target`: the same numbers, with the state in registers. */
  fillUint32(target: Uint32Array, count: number): void {
    const s = this.state;
    let a = s[0]! | 0;
    let b = s[1]! | 0;
    let c = s[2]! | 0;
    let d = s[3]! | 0;
    for (let k = 0; k < count; k++) {
      const scrambled = Math.imul(b, 5);
      target[k] = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
    }
    s[0] = a;
    s[1] = b;
    s[2] = c;
    s[3] = d;
  }

  /** A uniform number in [0, 1) with 32 bits of resolution. */
  nextUniform(): number {
    return this.nextUint32() / 4294967296;
  }

  /** A uniform integer in 0…bound−1, without bias (rejection). `bound` is 1…2³². */
  nextInteger(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    let draw = this.nextUint32();
    while (draw >= limit) draw = this.nextUint32();
    return draw % bound;
  }

  /** A draw from the normal distribution with mean 0 and deviation 1 (Box and Muller; the second value is not kept). */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.nextUniform()));
    return radius * Math.cos(2 * Math.PI * this.nextUniform());
  }
}
