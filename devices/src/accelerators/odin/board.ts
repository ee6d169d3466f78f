import { SpikewireError } from '@spikewire/models';
import type { Answer, ChipPins } from './bridge.ts';
import { type Chip, FRAME_BYTES, readByte, SCHEDULER, SYNAPSE_BYTES, setRegister, writeByte } from './chips.ts';
import {
  compare,
  describeByte,
  disabling,
  enabling,
  type MemoryImage,
  readAll,
  type WantedByte,
  writeAll,
} from './memory-image.ts';

/** How often a chip is written to before it is given up. */
const ATTEMPTS = 3;
/** Added to what the scratch bytes hold, so that no two of 2^32 accesses have the same there: 2^32 / golden ratio. */
const SCRATCH_STEP = 0x9e3779b9;

/**
 * A chip behind its pins. The frames of SPI have no begin on the line: after a clock too many or too few the chip takes
 * all later ones wrongly. So each access to the memories begins with bytes that should still be there and ends with
 * bytes that are written and read back. Where that fails the chip is reset, set up again and compared, byte by byte,
 * with what it should hold. Registers cannot be read, so each access writes them anew.
 */
export class OdinBoard {
  readonly chip: Chip;
  readonly pins: ChipPins;
  /** Bytes of memory that were compared, repairs of a chip out of step, and bytes that were overwritten by then. */
  readonly counts = { verified: 0, repaired: 0, damaged: 0 };
  /** What the chip holds: as loaded, with the weights that were read last, and the scratch bytes of the last access. */
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
    this.#image = { ...image, neurons: image.neurons.slice(), synapses: image.synapses.slice() };
    for (let attempt = 1; ; attempt++) {
      const problem = await this.#loadOnce(this.#image);
      if (problem === undefined) return;
      if (attempt === ATTEMPTS) throw problem;
    }
  }

  async #loadOnce(image: MemoryImage): Promise<SpikewireError | undefined> {
    const { chip } = this;
    await this.#setUp();
    if (!(await this.#echoes())) return this.#outOfStep();
    await this.#exchange([...disabling(chip), ...writeAll(chip, image), ...enabling(chip, image)]);
    const wrong = await this.#differences('all');
    if (wrong.length > 0) return this.#wrongMemory(wrong);
    await this.#openGate();
    const { answer, all } = await this.#handOver([chip.leakAll]);
    return answer.acknowledged === all ? undefined : this.#silent(answer.acknowledged, all);
  }

  /** Hands events over, waits until all are carried out, and gives the neurons that spiked, in their order. */
  async events(addresses: readonly number[]): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      const { answer, all } = await this.#handOver(addresses);
      const { acknowledged, spikes } = answer;
      if (acknowledged === all) return spikes;
      // The gate is closed where the frame that opens it was broken; nothing has happened then.
      if (acknowledged > 0 || spikes.length > 0 || attempt === ATTEMPTS) throw this.#silent(acknowledged, all);
      await this.#repair();
    }
  }

  /** With events behind them which do nothing, so that all have left the scheduler when the last is acknowledged. */
  async #handOver(addresses: readonly number[]): Promise<{ readonly answer: Answer; readonly all: number }> {
    const events = [...addresses, ...Array<number>(SCHEDULER).fill(this.chip.noOperation)];
    return { answer: await this.pins.events(events), all: events.length };
  }

  /**
   * Exchanges frames while the network stands still; gives the last byte of each answer. Rejects with `unsupported`
   * where the chip had to be repaired and had lost more than it can be given back; what the image has is there again.
   */
  async access(frames: readonly Uint8Array[]): Promise<Uint8Array> {
    const registers = this.#registers();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await this.pins.spi(setRegister(this.chip.registers.gate, 1));
      if (await this.#holdsScratch()) {
        const answer = await this.#exchange([...registers, ...frames]);
        if (await this.#echoes()) {
          await this.#openGate();
          return answer.subarray(registers.length);
        }
      }
      await this.#repair();
    }
    throw this.#outOfStep();
  }

  async readMembranes(neurons: readonly number[]): Promise<Int32Array> {
    const { chip } = this;
    const places = chip.state.slice(0, 2);
    const frames = neurons.flatMap((n) => places.map(({ byte }) => readByte(chip, ofNeuron(chip, n, byte))));
    const bytes = await this.access(frames);
    return Int32Array.from(neurons, (_, k) => chip.membraneOf([bytes[2 * k]!, bytes[2 * k + 1]!]));
  }

  /** Gives neurons the state that they had when they were loaded: membranes and calcium of 0. */
  async clearState(neurons: readonly number[]): Promise<void> {
    const { chip } = this;
    const zeros = ({ byte, others }: Chip['state'][number], n: number): WantedByte => {
      return { ...ofNeuron(chip, n, byte), value: 0, keep: others };
    };
    await this.#put(neurons.flatMap((n) => chip.state.map((place) => zeros(place, n))));
    await this.events([chip.leakAll]);
  }

  /** All bytes of synapses, which a repaired chip is given from now on. */
  async readSynapses(): Promise<Uint8Array> {
    const places = Array.from({ length: SYNAPSE_BYTES }, (_, at) => ({ memory: 'synapses', at }) as const);
    const bytes = await this.access(places.map((place) => readByte(this.chip, place)));
    this.#image!.synapses.set(bytes);
    return bytes;
  }

  /** Writes all synapses, and compares them. */
  async writeSynapses(bytes: Uint8Array): Promise<void> {
    await this.#put(Array.from(bytes, (value, at) => ({ memory: 'synapses', at, value })));
    this.#image!.synapses.set(bytes);
  }

  /** Whether arriving spikes change weights of these neurons, which are set to learn; calcium stands still without. */
  async setLearning(on: boolean, neurons: readonly number[]): Promise<void> {
    const { byte, bit } = this.chip.learning;
    const words = this.#image!.neurons;
    const wanted = neurons.map((n) => {
      const place = ofNeuron(this.chip, n, byte);
      return { ...place, value: (words[place.at]! & ~bit) | (on ? bit : 0) };
    });
    if (wanted.every(({ at, value }) => words[at] === value)) return;
    await this.#put(wanted);
    for (const { at, value } of wanted) words[at] = value;
  }

  /** Writes bytes, and reads them back. */
  async #put(bytes: readonly WantedByte[]): Promise<void> {
    const { chip } = this;
    const frames = bytes.map((byte) => writeByte(chip, byte, byte.value, byte.keep));
    for (let attempt = 1; ; attempt++) {
      const answer = await this.access([...frames, ...bytes.map((byte) => readByte(chip, byte))]);
      const found = answer.subarray(bytes.length);
      this.counts.verified += bytes.length;
      const wrong = bytes.flatMap((byte, k) => {
        const bits = 0xff & ~(byte.keep ?? 0);
        return ((found[k]! ^ byte.value) & bits) === 0 ? [] : [describeByte(chip, byte, found[k]!, byte.value)];
      });
      if (wrong.length === 0) return;
      if (attempt === ATTEMPTS) throw this.#wrongMemory(wrong);
    }
  }

  async #setUp(): Promise<void> {
    await this.pins.reset();
    await this.pins.events([]); // what AEROUT said before
    await this.#exchange([setRegister(this.chip.registers.gate, 1), ...this.#registers()]);
  }

  /** Frames that write all registers but the gate's; own spikes do not come back. */
  #registers(): Uint8Array[] {
    const { registers, settings } = this.chip;
    const all = [[registers.openLoop, 1] as const, ...settings(this.#image!.inhibitory)];
    return all.map(([register, value]) => setRegister(register, value));
  }

  async #openGate(): Promise<void> {
    await this.pins.spi(setRegister(this.chip.registers.gate, 0));
  }

  /** Whether the scratch bytes take what is written now. */
  async #echoes(): Promise<boolean> {
    const { chip } = this;
    this.#scratch = (this.#scratch + SCRATCH_STEP) >>> 0;
    for (const [k, { memory, at }] of chip.scratch.entries()) this.#image![memory][at] = this.#scratch >>> (8 * k);
    await this.#exchange(chip.scratch.map((byte) => writeByte(chip, byte, this.#image![byte.memory][byte.at]!)));
    return this.#holdsScratch();
  }

  /** Whether the scratch bytes hold what was written last: 32 bits, which a chip that lost its power does not have. */
  async #holdsScratch(): Promise<boolean> {
    const { scratch } = this.chip;
    const found = await this.#exchange(scratch.map((byte) => readByte(this.chip, byte)));
    return scratch.every(({ memory, at }, k) => found[k] === this.#image![memory][at]);
  }

  /** Makes the chip forget events that wait in it, and gives it its image again, whatever has happened to it. */
  async recover(): Promise<void> {
    if ((await this.#restart()) > 0) await this.load(this.#image!);
  }

  /** Gives the number of bytes that are other than the image's; without any the network goes on. */
  async #restart(): Promise<number> {
    await this.#setUp();
    if (!(await this.#echoes())) throw this.#outOfStep();
    const wrong = await this.#differences('constant');
    this.counts.damaged += wrong.length;
    if (wrong.length === 0) await this.#openGate();
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
  async #exchange(frames: readonly Uint8Array[]): Promise<Uint8Array> {
    const answer = await this.pins.spi(Buffer.concat(frames));
    return Uint8Array.from(frames, (_, k) => answer[(k + 1) * FRAME_BYTES - 1]!);
  }

  /** Bytes that are other than the image's. */
  async #differences(which: 'all' | 'constant'): Promise<readonly string[]> {
    const found = await this.#exchange(readAll(this.chip));
    this.counts.verified += found.length;
    return compare(this.chip, this.#image!, found, which);
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
