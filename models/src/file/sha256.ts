/** Bytes that one compression takes in. */
const BLOCK = 64;
const ROUNDS = 64;
/** Bits of the length that closes the last block, as bytes. */
const LENGTH_BYTES = 8;

/**
 * SHA-256 (FIPS 180-4) of the parts of a message one after the other, as 64 lower-case hex digits. In plain JavaScript
 * because `node:crypto`, with all of OpenSSL that comes along, takes a megabyte of every thread that reads a model or
 * saves a state. At some 100 MB/s it is for small files; `digest.ts` leaves large ones to Node where it can.
 */
export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = new Sha256();
  for (let k = 0; k < parts.length; k++) hash.update(parts[k]!);
  return hash.digest();
}

class Sha256 {
  readonly #state = fractions(8, Math.sqrt);
  readonly #constants = fractions(ROUNDS, Math.cbrt);
  readonly #schedule = new Int32Array(ROUNDS);
  readonly #block = new Uint8Array(BLOCK);
  #filled = 0;
  #length = 0;

  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    while (this.#filled > 0 && at < bytes.length) this.#take(bytes[at++]!);
    for (; at + BLOCK <= bytes.length; at += BLOCK) this.#compress(bytes, at);
    while (at < bytes.length) this.#take(bytes[at++]!);
  }

  digest(): string {
    const bits = 8 * this.#length;
    this.#take(0x80);
    while (this.#filled !== BLOCK - LENGTH_BYTES) this.#take(0);
    for (let k = LENGTH_BYTES - 1; k >= 0; k--) this.#take(Math.floor(bits / 2 ** (8 * k)) % 256);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** One byte, into a block of which not all came at once. */
  #take(byte: number): void {
    this.#block[this.#filled++] = byte;
    if (this.#filled < BLOCK) return;
    this.#compress(this.#block, 0);
    this.#filled = 0;
  }

  #compress(bytes: Uint8Array, at: number): void {
    const schedule = this.#schedule;
    for (let t = 0; t < 16; t++) {
      const k = at + 4 * t;
      schedule[t] = (bytes[k]! << 24) | (bytes[k + 1]! << 16) | (bytes[k + 2]! << 8) | bytes[k + 3]!;
    }
    extend(schedule);
    mix(this.#state, schedule, this.#constants);
  }
}

/** The message schedule behind the sixteen words of a block. */
function extend(schedule: Int32Array): void {
  for (let t = 16; t < ROUNDS; t++) {
    const before = schedule[t - 15]!;
    const near = schedule[t - 2]!;
    const s0 = rotate(before, 7) ^ rotate(before, 18) ^ (before >>> 3);
    const s1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
    schedule[t] = (((schedule[t - 16]! + s0) | 0) + ((schedule[t - 7]! + s1) | 0)) | 0;
  }
}

/**
 * The 64 rounds. Sums are cut to 32 bits at once: what is wider would be a number on the heap until V8 has compiled
 * this.
 */
function mix(state: Int32Array, schedule: Int32Array, constants: Int32Array): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < ROUNDS; t++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const chosen = (((e & f) ^ (~e & g)) + sum1) | 0;
    const first = (((h + chosen) | 0) + ((constants[t]! + schedule[t]!) | 0)) | 0;
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The first 32 bits of the fractional parts of a root of the first `count` primes. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const words = new Int32Array(count);
  for (let k = 0, prime = 2; k < count; prime++) {
    if (isPrime(prime)) words[k++] = (root(prime) % 1) * 2 ** 32;
  }
  return words;
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}
