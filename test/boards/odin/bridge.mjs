// The bridge of docs/guide/boards.md, as a microcontroller would have it: frames on one side, pins on the other.
export const BUFFER = 4096;

export class BridgePins {
  constructor(chip) {
    this.chip = chip;
    this.spikes = [];
    this.lost = 0;
    this.transactions = 0;
    /** Clocks that the line adds (1) or loses (−1) before a transaction, by its number. */
    this.slips = new Map();
  }

  reset() {
    this.chip.reset();
    this.spikes = [];
    this.lost = 0;
  }

  spi(bytes, isLsbFirst) {
    const answer = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at++) {
      if (at % 5 === 0) {
        const slip = this.slips.get(this.transactions++);
        if (slip === 1) this.bit(0);
        if (slip === -1) this.skip = true;
      }
      for (let k = 7; k >= 0; k--) {
        const bit = isLsbFirst ? 7 - k : k;
        if (this.skip) {
          this.skip = false;
          continue;
        }
        answer[at] |= this.bit((bytes[at] >> bit) & 1) << bit;
      }
      if (at % 5 === 4) this.settle();
    }
    return answer;
  }

  /** MISO is read where SCK rises. */
  bit(mosi) {
    const { chip } = this;
    chip.mosi = mosi;
    const { miso } = chip;
    chip.sckRise();
    if (chip.spi !== undefined) chip.clock();
    chip.sckFall();
    if (chip.spi !== undefined) chip.clock();
    return miso;
  }

  settle() {
    for (let k = 0; k < 4; k++) this.clock();
  }

  /** Lets the chip do one clock, and serves AEROUT. */
  clock() {
    const { chip } = this;
    chip.clock();
    if (chip.aeroutReq && !chip.aeroutAck) {
      if (!this.deaf) {
        if (this.spikes.length < BUFFER) this.spikes.push(chip.aeroutAddress);
        else this.lost++;
        chip.aeroutAck = 1;
      }
    } else if (!chip.aeroutReq) chip.aeroutAck = 0;
  }

  /** Hands events over; gives the number that were acknowledged. */
  events(addresses, clocks) {
    const { chip } = this;
    for (const [k, address] of addresses.entries()) {
      chip.aerinAddress = address;
      chip.aerinReq = 1;
      const isTaken = this.wait(() => chip.aerinAck, clocks);
      chip.aerinReq = 0;
      if (!isTaken || !this.wait(() => !chip.aerinAck, clocks)) return k;
    }
    return addresses.length;
  }

  wait(isDone, clocks) {
    for (let k = 0; k < clocks; k++) {
      if (isDone()) return true;
      this.clock();
    }
    return isDone();
  }
}
