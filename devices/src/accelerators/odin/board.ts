import { SpikewireError } from '@spikewire/models';
import type { ChipPins } from './bridge.ts';
import { type Chip, FRAME_BYTES, readByte, SCHEDULER, SYNAPSE_BYTES, setRegister, writeByte } from './chips.ts';
import { compare, disabling, enabling, type MemoryImage, readAll, writeAll } from './memory-image.ts';

/** How often the memories are written anew before the chip is given up. */
const ATTEMPTS = 3;

/**
 * A chip behind its pins. The frames of SPI have no begin on the line: after a clock too many or too few the chip takes
 * all later ones wrongly. So each access to the memories begins and ends with a byte that is written and read back, and
 * where that fails the chip is reset, set up again and compared, byte by byte, with what it should hold.
 */
export class OdinBoard {
  readonly chip: Chip;
  readonly pins: ChipPins;
  /** Bytes of memory that were compared, repairs of a chip out of step, and bytes that were overwritten by then. */
  readonly counts = { verified: 0, repaired: 0, damaged: 0 };
  #image: MemoryImage | undefined;
  #scratch = 0;

  constructor(chip: Chip, pins: ChipPins) {
    this.chip = chip;
    this.pins = pins;
  }

  /**
   * Puts an image onto the chip, whatever it holds, in the order that is safe from any state: own spikes do not come
   * back while memory is written, neurons are disabled before anything else of theirs, and a time reference at the end
   * gives each neuron's latches of learning their value. Rejects with `unsupported` where it does not hold the image.
   */
  async load(image: MemoryImage): Promise<void> {
    // A copy, because learning is switched in it.
    this.#image = { ...image, neurons: image.neurons.slice() };
    for (let attempt = 1; ; attempt++) {
      await this.#setUp();
      if (await this.#echoes()) {
        await this.#write([...disabling(this.chip), ...writeAll(this.chip, image), ...enabling(this.chip, image)]);
        const wrong = await this.#differences(false);
        if (wrong.length === 0 && (await this.#echoes())) break;
        if (attempt === ATTEMPTS && wrong.length > 0) throw this.#wrongMemory(wrong);
      }
      if (attempt === ATTEMPTS) throw this.#outOfStep();
    }
    await this.#start();
  }

  /** Hands events over, waits until all are carried out, and gives the neurons that spiked, in their order. */
  async events(addresses: readonly number[]): Promise<Uint8Array> {
    const all = [...addresses, ...Array<number>(SCHEDULER).fill(this.chip.nothing)];
    for (let attempt = 1; ; attempt++) {
      const { acknowledged, spikes } = await this.pins.events(all);
      if (acknowledged === all.length) return spikes;
      // The gate is closed where the frame that opens it was broken; nothing has happened then.
      if (acknowledged > 0 || spikes.length > 0 || attempt === ATTEMPTS) throw this.#silent(acknowledged, all.length);
      await this.#repair();
    }
  }

  /**
   * Exchanges frames while the network stands still; gives the last byte of each answer. Rejects with `unsupported`
   * where the chip had to be repaired and had lost more than it can be given back; what the image has is there again.
   */
  async access(frames: readonly Uint8Array[]): Promise<Uint8Array> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await this.pins.spi(setRegister(this.chip.registers.gate, 1));
      if (await this.#echoes()) {
        const answer = await this.#write(frames);
        if (await this.#echoes()) {
          await this.pins.spi(setRegister(this.chip.registers.gate, 0));
          return answer;
        }
      }
      await this.#repair();
    }
    throw this.#outOfStep();
  }

  readMembranes(neurons: readonly number[]): Promise<Int32Array> {
    const { chip } = this;
    const frames = neurons.flatMap((n) => chip.membrane.map(({ byte }) => readByte(chip, ofNeuron(chip, n, byte))));
    return this.access(frames).then((bytes) => {
      return Int32Array.from(neurons, (_, k) => chip.membraneOf([bytes[2 * k]!, bytes[2 * k + 1]!]));
    });
  }

  async clearMembranes(neurons: readonly number[]): Promise<void> {
    const { chip } = this;
    const clear = (n: number) =>
      chip.membrane.map(({ byte, others }) => writeByte(chip, ofNeuron(chip, n, byte), 0, others));
    await this.access(neurons.flatMap(clear));
  }

  /** All bytes of synapses. */
  readSynapses(): Promise<Uint8Array> {
    return this.access(
      Array.from({ length: SYNAPSE_BYTES }, (_, at) => readByte(this.chip, { memory: 'synapses', at })),
    );
  }

  /** Writes all synapses, which are the image's from now on. */
  async writeSynapses(bytes: Uint8Array): Promise<void> {
    this.#image = { ...this.#image!, synapses: bytes };
    await this.access([...bytes].map((byte, at) => writeByte(this.chip, { memory: 'synapses', at }, byte)));
  }

  /** Whether arriving spikes change weights of these neurons, which are set to learn. */
  async setLearning(on: boolean, neurons: readonly number[]): Promise<void> {
    const { learning } = this.chip;
    const image = this.#image!;
    for (const n of neurons) {
      const { at } = ofNeuron(this.chip, n, learning.byte);
      image.neurons[at] = (image.neurons[at]! & ~learning.bit) | (on ? learning.bit : 0);
    }
    const bytes = neurons.map((n) => ofNeuron(this.chip, n, learning.byte));
    await this.access(bytes.map((byte) => writeByte(this.chip, byte, image.neurons[byte.at]!)));
  }

  async #setUp(): Promise<void> {
    const { gate, openLoop } = this.chip.registers;
    await this.pins.reset();
    await this.pins.events([]); // what AEROUT said before
    const settings = this.chip.settings(this.#image!.inhibitory);
    await this.#write([[gate, 1] as const, [openLoop, 1] as const, ...settings].map(([at, n]) => setRegister(at, n)));
    // A reset does not change the byte, and what it holds is not known after a loss of power.
    await this.#write([this.#writeScratch()]);
  }

  async #start(): Promise<void> {
    await this.pins.spi(setRegister(this.chip.registers.gate, 0));
    await this.events([this.chip.leakAll]);
  }

  /** Whether a byte holds what was written last, and what is written now. */
  async #echoes(): Promise<boolean> {
    const read = readByte(this.chip, this.chip.scratch);
    const before = this.#scratch;
    this.#scratch = (before + 0x4d) & 0xff;
    const [was, , is] = await this.#write([read, this.#writeScratch(), read]);
    return was === before && is === this.#scratch;
  }

  /** Makes the chip forget events that wait in it, and gives it its image again, whatever has happened to it. */
  async recover(): Promise<void> {
    if ((await this.#restart()) > 0) await this.load(this.#image!);
  }

  /** Gives the number of bytes that are other than the image's; without any the network goes on. */
  async #restart(): Promise<number> {
    await this.#setUp();
    if (!(await this.#echoes())) throw this.#outOfStep();
    const wrong = await this.#differences(true);
    this.counts.damaged += wrong.length;
    if (wrong.length === 0) await this.pins.spi(setRegister(this.chip.registers.gate, 0));
    return wrong.length;
  }

  async #repair(): Promise<void> {
    this.counts.repaired++;
    const damaged = await this.#restart();
    if (damaged === 0) return;
    await this.load(this.#image!);
    const problem = `lost count of SPI clocks or its power, and ${damaged} bytes of its memory`;
    throw this.refuse(problem, 'a chip whose membranes are kept');
  }

  /** Gives the last byte of each answer. */
  async #write(frames: readonly Uint8Array[]): Promise<Uint8Array> {
    const answer = await this.pins.spi(Buffer.concat(frames));
    return Uint8Array.from(frames, (_, k) => answer[(k + 1) * FRAME_BYTES - 1]!);
  }

  #writeScratch(): Uint8Array {
    return writeByte(this.chip, this.chip.scratch, this.#scratch);
  }

  /** Bytes that are other than the image's; where the network has run, of those that it does not change. */
  async #differences(hasRun: boolean): Promise<readonly string[]> {
    const found = await this.#write(readAll(this.chip));
    this.counts.verified += found.length;
    return compare(this.chip, this.#image!, found, hasRun);
  }

  refuse(problem: string, expected: string): SpikewireError {
    return new SpikewireError('unsupported', this.pins.name, problem, expected);
  }

  #wrongMemory([first, ...rest]: readonly string[]): SpikewireError {
    const problem = `holds ${first}, and ${rest.length} more bytes are wrong`;
    return this.refuse(problem, `memory of ${this.chip.title} that holds it`);
  }

  #outOfStep(): SpikewireError {
    const problem = 'does not give back a byte that was written to its memory';
    return this.refuse(problem, `${this.chip.title} on SPI, mode 0`);
  }

  #silent(acknowledged: number, all: number): SpikewireError {
    const problem = `acknowledged ${acknowledged} of ${all} events`;
    return this.refuse(problem, `${this.chip.title} on AERIN and AEROUT`);
  }
}

function ofNeuron({ neuronBytes }: Chip, neuron: number, byte: number) {
  return { memory: 'neurons', at: neuron * neuronBytes + byte } as const;
}
