// The processors ODIN and tinyODIN of tests, written as their RTL is: pins, a shift register of 40 bits, a controller
// that does one thing per clock. It has nothing of the driver. Facts: the public RTL ChFrenkel/ODIN at 17819318 and
// ChFrenkel/tinyODIN. Whatever has no reset value holds garbage, and a reset leaves memories as they are.
import { Xorshift } from './random.mjs';

const N = 256;
const FIFO = 32;

/** A field of a word: bits low … low + width − 1. */
const field = (low, width) => ({ low, width });
const LIF = {
  leak: field(1, 7),
  leaks: field(8, 1),
  threshold: field(9, 8),
  calciumOn: field(17, 1),
  thetaV: field(18, 8),
  theta1: field(26, 3),
  theta2: field(29, 3),
  theta3: field(32, 3),
  calciumEvery: field(35, 5),
  v: field(70, 8),
  calcium: field(78, 3),
  count: field(81, 5),
  off: field(127, 1),
};
const TINY = { v: field(0, 12), threshold: field(12, 12), leak: field(24, 7), off: field(31, 1) };

export class Chip {
  // Inputs.
  mosi = 0;
  aerinAddress = 0;
  aerinReq = 0;
  aeroutAck = 0;
  // Outputs.
  miso = 0;
  aerinAck = 0;
  aeroutReq = 0;
  aeroutAddress = 0;
  /** For tests: spikes that found the FIFO full. */
  lost = 0;
  /** Bits of addresses and of data that are stuck at 0 in one memory. */
  defect = undefined;
  /** A leak subtracts so much more than its neuron says. */
  leaksMore = 0;
  /** Whether the next byte of synapses that is written has a wrong bit. */
  flips = false;

  constructor(tiny, seed) {
    this.tiny = tiny;
    this.wordBytes = tiny ? 4 : 16;
    const random = new Xorshift(seed);
    const garbage = (size) => Uint8Array.from({ length: size }, () => random.next(256));
    this.neurons = garbage(N * this.wordBytes);
    this.synapses = garbage((N * N) / 2);
    this.registers = Uint32Array.from({ length: 32 }, () => random.next(1 << 20));
    this.up = garbage(N).map((bit) => bit & 1);
    this.down = garbage(N).map((bit) => bit & 1);
    this.random = random;
    this.reset();
  }

  /** RST. Registers have no reset value. */
  reset() {
    this.shiftIn = 0n;
    this.bits = 0;
    this.out = 0;
    this.fifo = [];
    this.job = undefined;
    this.spi = undefined;
    this.aerinAck = this.aeroutReq = 0;
    this.registers = this.registers.map(() => this.random.next(1 << 20));
  }

  get gate() {
    return this.registers[0] & 1;
  }

  get isIdle() {
    return this.job === undefined && this.fifo.length === 0 && !this.aeroutReq && !this.aerinAck && !this.aerinReq;
  }

  // --- SPI, mode 0 ---------------------------------------------------------------------------------------------------

  sckRise() {
    if (this.bits === 0) [this.high, this.low] = [0, 0];
    if (this.bits < 20) this.high = (this.high << 1) | this.mosi;
    else this.low = (this.low << 1) | this.mosi;
    this.bits++;
    if (this.bits === 20 && this.high & 0x80000) this.spi = { address: this.high };
  }

  sckFall() {
    if (this.bits === 40) {
      this.bits = 0;
      const command = (this.high >> 16) & 3;
      if (command === 0) this.registers[this.high & 0x1f] = this.low & 0xfffff;
      else if (this.high & 0x40000) this.spi = { address: this.high, write: true, data: this.low };
    }
    // The byte that was read comes last.
    this.miso = this.bits >= 32 ? (this.out >> (39 - this.bits)) & 1 : 0;
  }

  /** Access to a memory, once the controller has time for it. */
  serveSpi() {
    const { address, write, data } = this.spi;
    this.spi = undefined;
    const isNeuron = ((address >> 16) & 3) === 1;
    const memory = isNeuron ? this.neurons : this.synapses;
    const stuck = this.defect?.memory === (isNeuron ? 'neurons' : 'synapses') ? this.defect : undefined;
    const place = address & ~(stuck?.address ?? 0);
    const at = isNeuron
      ? (place & 0xff) * this.wordBytes + ((place >> 8) & (this.wordBytes - 1))
      : (place & 0x1fff) * 4 + ((place >> 13) & 3);
    if (!write) {
      this.out = memory[at];
      return;
    }
    const keep = (data >> 8) & 0xff;
    memory[at] = ((memory[at] & keep) | (data & 0xff & ~keep)) & ~(stuck?.data ?? 0);
    if (this.flips && !isNeuron) {
      memory[at] ^= 1;
      this.flips = false;
    }
    if (!isNeuron) return;
    // The word runs through the neuron's logic as it is written: its latches follow, and a membrane above its threshold
    // puts a spike into the scheduler where the loop is closed.
    const n = address & 0xff;
    const spikes = this.tiny ? this.tinyState(n).v >= this.get(n, TINY.threshold) : this.latch(n);
    if (spikes && !this.get(n, this.tiny ? TINY.off : LIF.off) && !this.openLoop) this.push(this.ownSpike(n), true);
  }

  // --- words ---------------------------------------------------------------------------------------------------------

  get(n, { low, width }) {
    const at = n * this.wordBytes + (low >> 3);
    return (((this.neurons[at] | (this.neurons[at + 1] << 8)) >> (low & 7)) & ((1 << width) - 1)) >>> 0;
  }

  put(n, { low, width }, value) {
    const at = n * this.wordBytes + (low >> 3);
    const mask = ((1 << width) - 1) << (low & 7);
    const bits = (value << (low & 7)) & mask;
    this.neurons[at] = (this.neurons[at] & ~mask) | bits;
    if (mask > 0xff) this.neurons[at + 1] = (this.neurons[at + 1] & ~(mask >> 8)) | (bits >> 8);
  }

  nibble(pre, post) {
    const byte = this.synapses[(pre * 32 + (post >> 3)) * 4 + ((post >> 1) & 3)];
    return post & 1 ? byte >> 4 : byte & 15;
  }

  putNibble(pre, post, nibble) {
    const at = (pre * 32 + (post >> 3)) * 4 + ((post >> 1) & 3);
    const byte = this.synapses[at];
    this.synapses[at] = post & 1 ? (byte & 0x0f) | (nibble << 4) : (byte & 0xf0) | nibble;
  }

  // --- controller ----------------------------------------------------------------------------------------------------

  get openLoop() {
    return this.registers[1] & 1;
  }

  ownSpike(n) {
    return this.tiny ? n : (n << 8) | 7;
  }

  push(event, isOwn) {
    if (this.fifo.length < FIFO) this.fifo.push(event);
    else if (isOwn) this.lost++;
  }

  clock() {
    if (this.aerinAck && !this.aerinReq) this.aerinAck = 0;
    // The gate resets the machine of AEROUT; else an open handshake stops everything.
    if (this.gate) this.aeroutReq = 0;
    if (this.aeroutReq) {
      if (this.aeroutAck) this.aeroutReq = 0;
      return;
    }
    if (this.aeroutAck && !this.gate) return;
    if (this.job !== undefined) this.work();
    else if (this.gate) {
      if (this.spi !== undefined) this.serveSpi();
    } else this.choose();
  }

  choose() {
    this.spi = undefined;
    if (this.fifo.length === FIFO) this.pop();
    else if (this.aerinReq && !this.aerinAck) this.take(this.aerinAddress);
    else if (this.fifo.length > 0) this.pop();
  }

  /** An event from outside. What does not pass the FIFO is acknowledged when it is done. */
  take(address) {
    const acknowledge = () => {
      this.aerinAck = 1;
    };
    if (this.tiny) {
      if (address >> 8 === 1) {
        const n = address & 0xff;
        this.job = this.each(n === 0xff ? undefined : n, (one) => this.tinyLeak(one), acknowledge);
        return;
      }
    } else {
      const [n, low] = [(address >> 8) & 0xff, address & 0xff];
      const one = low & 0x80 ? n : undefined;
      if (address >> 16) {
        this.job = this.each(low, () => this.synapse(n, low, this.registers[25] & 1), acknowledge);
        return;
      }
      if ((low & 0x7f) === 0x7f) {
        this.job = this.each(one, (k) => this.neuron(k, 'reference', 0), acknowledge);
        return;
      }
      if ((low & 0x7f) === 0) {
        if (this.fifo.length > 0) this.pop();
        else this.job = this.each(one, (row) => this.drift(row), acknowledge);
        return;
      }
    }
    this.push(address, false);
    acknowledge();
  }

  /** The event at the head keeps its place until it is done. */
  pop() {
    const event = this.fifo[0];
    const done = () => {
      this.fifo.shift();
    };
    if (this.tiny) {
      if (event & 0x200) this.job = this.each(event & 15, (n) => this.tinyAdd(n, sign4((event >> 4) & 15)), done);
      else this.job = this.each(undefined, (n) => this.tinyAdd(n, sign4(this.nibble(event & 0xff, n))), done);
      return;
    }
    const n = event >> 8;
    // Bits 7:3 of the event that was pushed are its tag, whatever the other bits are.
    const isVirtual = (event & 0xf8) !== 0;
    if (!isVirtual) this.job = this.each(undefined, (post) => this.synapse(n, post, 1), done);
    else {
      const kind = event & 8 ? 'reference' : event & 16 ? 'inhibits' : 'excites';
      this.job = this.each(n, () => this.neuron(n, kind, (event >> 5) & 7), done);
    }
  }

  /** One neuron, or all of them, one per clock. */
  each(one, act, done) {
    return one === undefined ? { next: 0, end: N, act, done } : { next: one, end: one + 1, act, done };
  }

  work() {
    const { job } = this;
    job.act(job.next++);
    if (job.next < job.end) return;
    this.job = undefined;
    job.done();
  }

  // --- ODIN's neuron and synapse -------------------------------------------------------------------------------------

  synapse(pre, post, isPlastic) {
    const nibble = this.nibble(pre, post);
    const [map, weight] = [nibble >> 3, nibble & 7];
    const [up, down] = [this.up[post], this.down[post]];
    const inhibits = (this.registers[2 + (pre >> 4)] >> (pre & 15)) & 1;
    const delivered = map || this.registers[24] & 1 ? weight : 0;
    this.neuron(post, inhibits ? 'inhibits' : 'excites', delivered);
    if (!isPlastic || !(map || this.registers[23] & 1)) return;
    if (up) this.putNibble(pre, post, (map << 3) | (weight === 7 ? 7 : weight + 1));
    else if (down) this.putNibble(pre, post, (map << 3) | (weight === 0 ? 0 : weight - 1));
  }

  drift(pre) {
    for (let post = 0; post < N; post++) {
      const nibble = this.nibble(pre, post);
      const [map, weight] = [nibble >> 3, nibble & 7];
      if (!(map || this.registers[23] & 1)) continue;
      const next = weight > 3 ? (weight === 7 ? 7 : weight + 1) : weight === 0 ? 0 : weight - 1;
      this.putNibble(pre, post, (map << 3) | next);
    }
  }

  neuron(n, kind, weight) {
    let v = this.get(n, LIF.v);
    if (kind === 'reference') {
      if (this.get(n, LIF.leaks)) v -= this.get(n, LIF.leak) + this.leaksMore;
    } else v += kind === 'inhibits' ? -weight : weight;
    if (v < 0) v = 0;
    if (v > 255) v = 255;
    const spikes = v >= this.get(n, LIF.threshold);
    if (spikes) v = 0;
    this.put(n, LIF.v, v);
    if (this.get(n, LIF.calciumOn)) this.calcium(n, spikes, kind === 'reference');
    this.latch(n);
    if (!spikes || this.get(n, LIF.off)) return;
    this.aeroutAddress = n;
    this.aeroutReq = 1;
    if (!this.openLoop) this.push(this.ownSpike(n), true);
  }

  calcium(n, spikes, isReference) {
    const every = this.get(n, LIF.calciumEvery);
    let falls = false;
    if (isReference && every !== 0) {
      const count = this.get(n, LIF.count);
      falls = count === every - 1;
      this.put(n, LIF.count, falls ? 0 : count + 1);
    }
    const calcium = this.get(n, LIF.calcium);
    if (spikes && !falls && calcium < 7) this.put(n, LIF.calcium, calcium + 1);
    if (falls && !spikes && calcium > 0) this.put(n, LIF.calcium, calcium - 1);
  }

  /** Takes the latches from the state; tells whether the membrane is above the threshold. */
  latch(n) {
    const spikes = this.get(n, LIF.v) >= this.get(n, LIF.threshold);
    const v = spikes ? 0 : this.get(n, LIF.v);
    const [on, calcium] = [this.get(n, LIF.calciumOn), this.get(n, LIF.calcium)];
    const isHigh = v >= this.get(n, LIF.thetaV);
    const isFrom = on && calcium >= this.get(n, LIF.theta1);
    this.up[n] = isFrom && isHigh && calcium < this.get(n, LIF.theta3) ? 1 : 0;
    this.down[n] = isFrom && !isHigh && calcium < this.get(n, LIF.theta2) ? 1 : 0;
    return spikes;
  }

  // --- tinyODIN's neuron ---------------------------------------------------------------------------------------------

  tinyState(n) {
    const bits = this.get(n, TINY.v);
    return { v: bits >= 2048 ? bits - 4096 : bits };
  }

  tinyLeak(n) {
    const { v } = this.tinyState(n);
    const leak = this.get(n, TINY.leak) + this.leaksMore;
    this.tinySettle(n, v > leak ? v - leak : v < -leak ? v + leak : 0);
  }

  tinyAdd(n, weight) {
    if (n > (this.registers[3] & 0xff)) return;
    this.tinySettle(n, Math.max(-2048, Math.min(2047, this.tinyState(n).v + weight)));
  }

  tinySettle(n, v) {
    const spikes = v >= this.get(n, TINY.threshold);
    this.put(n, TINY.v, (spikes ? 0 : v) & 0xfff);
    if (!spikes || this.get(n, TINY.off)) return;
    this.aeroutAddress = n;
    this.aeroutReq = 1;
    if (!this.openLoop) this.push(this.ownSpike(n), true);
  }
}

function sign4(nibble) {
  return nibble > 7 ? nibble - 16 : nibble;
}
