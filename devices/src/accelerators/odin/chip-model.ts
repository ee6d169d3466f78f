import { type Chip, odin, SCHEDULER, SIZE, SYNAPSE_BYTES } from './chips.ts';

/** A chip in software, which is given one event after the other and does all that follows from it before the next. */
export interface ChipModel {
  /** The words of all neurons, one after the other, and all bytes of synapses. */
  readonly neurons: Uint8Array;
  readonly synapses: Uint8Array;
  /** Spikes of its own that found the scheduler full. */
  readonly lost: number;
  setRegister(register: number, value: number): void;
  /** Carries out an address of AERIN; gives the addresses of AEROUT that follow. */
  serve(event: number): readonly number[];
}

export function modelOf({ name }: Chip): ChipModel {
  return name === 'odin' ? new OdinModel() : new TinyOdinModel();
}

/** The scheduler: one queue for spikes from outside and for its own. */
abstract class Scheduled implements ChipModel {
  readonly synapses = new Uint8Array(SYNAPSE_BYTES);
  abstract readonly neurons: Uint8Array;
  lost = 0;
  protected readonly registers = new Uint32Array(32);
  #spikes: number[] = [];
  /** The event that is carried out stays first until it is done. */
  readonly #queue: number[] = [];

  setRegister(register: number, value: number): void {
    this.registers[register] = value;
  }

  serve(event: number): readonly number[] {
    this.#spikes = [];
    if (!this.direct(event)) this.#queue.push(event);
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      this.carryOut(next);
      this.#queue.shift();
    }
    return this.#spikes;
  }

  /** Events that do not pass the scheduler; false for one that does. */
  protected abstract direct(event: number): boolean;
  protected abstract carryOut(event: number): void;
  protected abstract spikeEvent(neuron: number): number;

  protected spike(neuron: number): void {
    this.#spikes.push(neuron);
    if (this.registers[1] === 1) return;
    if (this.#queue.length < SCHEDULER) this.#queue.push(this.spikeEvent(neuron));
    else this.lost++;
  }

  protected nibble(row: number, column: number): number {
    return (this.synapses[(row * SIZE + column) >> 1]! >> (4 * (column & 1))) & 0xf;
  }
}

const [UP, DOWN] = [1, 2];
type Stimulus = 'leak' | 'excite' | 'inhibit';

/** ODIN with leaky neurons: its neurons, SDSP, calcium and bistability. Izhikevich neurons are not modelled. */
class OdinModel extends Scheduled {
  readonly neurons = new Uint8Array(16 * SIZE);
  /** What an arriving spike does to weights of a neuron, as its last update left it. */
  readonly #latches = new Uint8Array(SIZE);

  protected direct(event: number): boolean {
    const [n, low] = [(event >> 8) & 0xff, event & 0xff];
    if (event >> 16 === 1) this.#single(n, low);
    else if ((low & 0x7f) === 0x7f) for (const each of chosen(n, low)) this.#update(each, 'leak', 0);
    else if ((low & 0x7f) === 0) for (const row of chosen(n, low)) this.#drift(row);
    else return false;
    return true;
  }

  protected carryOut(event: number): void {
    const [n, tag] = [event >> 8, (event >> 3) & 0x1f];
    // Without a tag it is a spike and with one it is not, whatever it was meant to be.
    if (tag === 0) this.#row(n);
    else if (tag & 1) this.#update(n, 'leak', 0);
    else this.#update(n, tag & 2 ? 'inhibit' : 'excite', tag >> 2);
  }

  protected spikeEvent(neuron: number): number {
    return odin.row(neuron);
  }

  #row(row: number): void {
    for (let column = 0; column < SIZE; column++) this.#synapse(row, column, true);
  }

  #single(row: number, column: number): void {
    this.#synapse(row, column, this.registers[25] === 1);
  }

  #synapse(row: number, column: number, learns: boolean): void {
    const nibble = this.nibble(row, column);
    const isMapped = nibble >= 8;
    const latch = this.#latches[column]!;
    const weight = isMapped || this.registers[24] === 1 ? nibble & 7 : 0;
    this.#update(column, this.#inhibits(row) ? 'inhibit' : 'excite', weight);
    if (!learns || latch === 0 || !(isMapped || this.registers[23] === 1)) return;
    this.#setWeight(row, column, nibble, latch === UP ? 1 : -1);
  }

  /** Towards 7 or 0. */
  #drift(row: number): void {
    for (let column = 0; column < SIZE; column++) {
      const nibble = this.nibble(row, column);
      if (nibble >= 8 || this.registers[23] === 1) this.#setWeight(row, column, nibble, (nibble & 7) >= 4 ? 1 : -1);
    }
  }

  #setWeight(row: number, column: number, nibble: number, change: number): void {
    const weight = Math.min(7, Math.max(0, (nibble & 7) + change));
    const [at, shift] = [(row * SIZE + column) >> 1, 4 * (column & 1)];
    this.synapses[at] = (this.synapses[at]! & ~(0xf << shift)) | (((nibble & 8) | weight) << shift);
  }

  #inhibits(row: number): boolean {
    return ((this.registers[2 + (row >> 4)]! >> (row & 15)) & 1) === 1;
  }

  #update(n: number, stimulus: Stimulus, weight: number): void {
    const word = this.neurons.subarray(16 * n, 16 * n + 16);
    const threshold = (word[1]! >> 1) | ((word[2]! & 1) << 7);
    let v = changed(odin.membraneOf([word[8]!, word[9]!]), stimulus, stimulus === 'leak' ? leakOf(word) : weight);
    const fires = v >= threshold;
    if (fires) v = 0;
    word[8] = (word[8]! & 0x3f) | (v << 6);
    word[9] = (word[9]! & 0xc0) | (v >> 2);
    this.#latches[n] = calciumStep(word, v, fires, stimulus === 'leak');
    if (fires && word[15]! < 0x80) this.spike(n);
  }
}

/** One row or neuron, or all, by bit 7. */
function chosen(n: number, low: number): Iterable<number> {
  return low & 0x80 ? [n] : Array(SIZE).keys();
}

function leakOf(word: Uint8Array): number {
  return word[1]! & 1 ? word[0]! >> 1 : 0;
}

function changed(v: number, stimulus: Stimulus, by: number): number {
  return stimulus === 'excite' ? Math.min(255, v + by) : Math.max(0, v - by);
}

/** Counts a spike or a time reference; gives what an arriving spike does to weights from now on. */
function calciumStep(word: Uint8Array, v: number, fires: boolean, isReference: boolean): number {
  if ((word[2]! & 2) === 0) return 0;
  let calcium = (word[9]! >> 6) | ((word[10]! & 1) << 2);
  let counted = (word[10]! >> 1) & 0x1f;
  const [low, down, up, every] = [(word[3]! >> 2) & 7, word[3]! >> 5, word[4]! & 7, word[4]! >> 3];
  const falls = isReference && every > 0 && counted === every - 1;
  if (isReference && every > 0) counted = falls ? 0 : (counted + 1) & 0x1f;
  if (fires !== falls) calcium = Math.min(7, Math.max(0, calcium + (fires ? 1 : -1)));
  word[9] = (word[9]! & 0x3f) | ((calcium & 3) << 6);
  word[10] = (word[10]! & 0xc0) | (calcium >> 2) | (counted << 1);
  const isHigh = v >= ((word[2]! >> 2) | ((word[3]! & 3) << 6));
  if (calcium < low || calcium >= (isHigh ? up : down)) return 0;
  return isHigh ? UP : DOWN;
}

/** tinyODIN: signed weights and membranes, no learning. */
class TinyOdinModel extends Scheduled {
  readonly neurons = new Uint8Array(4 * SIZE);

  protected direct(event: number): boolean {
    if (event >> 8 !== 1) return false;
    const n = event & 0xff;
    for (const each of n === 0xff ? Array(SIZE).keys() : [n]) this.#leak(each);
    return true;
  }

  protected carryOut(event: number): void {
    if (event & 0x200) this.#update(event & 0xf, signed(event >> 4, 4));
    else this.#row(event);
  }

  #row(event: number): void {
    for (let column = 0; column <= this.registers[3]!; column++)
      this.#update(column, signed(this.nibble(event, column), 4));
  }

  protected spikeEvent(neuron: number): number {
    return neuron;
  }

  #leak(n: number): void {
    const [v, leak] = [this.#membrane(n), this.neurons[4 * n + 3]! & 0x7f];
    this.#settle(n, Math.sign(v) * Math.max(0, Math.abs(v) - leak));
  }

  #update(n: number, weight: number): void {
    this.#settle(n, Math.min(2047, Math.max(-2048, this.#membrane(n) + weight)));
  }

  #membrane(n: number): number {
    return signed(this.neurons[4 * n]! | (this.neurons[4 * n + 1]! << 8), 12);
  }

  #settle(n: number, next: number): void {
    const [middle, high, last] = this.neurons.subarray(4 * n + 1, 4 * n + 4);
    const fires = next >= ((middle! >> 4) | (high! << 4));
    const v = fires ? 0 : next;
    this.neurons[4 * n] = v & 0xff;
    this.neurons[4 * n + 1] = (middle! & 0xf0) | ((v >> 8) & 0xf);
    if (fires && last! < 0x80) this.spike(n);
  }
}

/** The lowest bits of a number as a signed one. */
function signed(bits: number, count: number): number {
  return (bits << (32 - count)) >> (32 - count);
}
