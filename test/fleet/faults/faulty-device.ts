import type { KeyObject } from 'node:crypto';
import { DeviceRefusal } from '@spikewire/fleet/controller';
import { RandomGenerator } from '@spikewire/models';
import {
  type DeviceReport,
  deviceId,
  type MachineOrder,
  machineReport,
  type Orders,
  signRequest,
} from 'spikewire/agent';
import { MemoryDisk } from '../../faults/store-memory-disk.ts';
import type { VirtualTime } from '../../faults/virtual-time.ts';
import { drawnKey, publicKeyOf } from '../virtual-device.ts';
import { sha256 } from '../virtual-machine.ts';
import { FaultyMachine, type SignedBases } from './faulty-machine.ts';
import type { FaultyNetwork } from './faulty-network.ts';
import { type DeviceEnd, type Happening, versionOf } from './history.ts';

export const MODEL = 'pump';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const REPORT_EVERY = 45 * MINUTE;
const PATIENCE = 30 * SECOND;
const FIRST_RETRY = 30 * SECOND;
/** A controller has at most one other counter: of a request whose answer was lost. */
const MOST_ATTEMPTS = 3;
const DAY = 24 * 60 * MINUTE;

export interface FaultyDeviceOptions {
  readonly time: VirtualTime;
  /** When virtual time begins, in milliseconds since 1970. */
  readonly start: number;
  readonly seed: number;
  readonly index: number;
  readonly network: FaultyNetwork;
  readonly given: Uint8Array;
  readonly bases: SignedBases;
  readonly nextRequest: () => number;
  readonly record: (happening: Happening) => void;
}

/** A device with one machine, whose process and clock fail; what it must not forget survives. */
export class FaultyDevice {
  readonly id: string;
  readonly publicKey: string;
  readonly #options: FaultyDeviceOptions;
  readonly #key: KeyObject;
  readonly #random: RandomGenerator;
  /** On its disk. */
  #kept: { readonly orders: Orders | undefined; readonly etag: string | undefined } = {
    orders: undefined,
    etag: undefined,
  };
  #disk = new MemoryDisk();
  #boot = 0;
  #machine: FaultyMachine | undefined;
  #life = new AbortController();
  /** Of the last request since it was switched on. */
  #counter: number | undefined;
  /** By which its clock is wrong, in milliseconds. */
  #clockError = 0;
  #failures = 0;
  /** Reports that a controller has answered. */
  reports = 0;

  constructor(options: FaultyDeviceOptions) {
    this.#options = options;
    this.#random = new RandomGenerator(options.seed, `device ${options.index}`);
    this.#key = drawnKey(this.#random);
    this.publicKey = publicKeyOf(this.#key);
    this.id = deviceId(this.publicKey);
  }

  /** Switches it on. */
  async start(): Promise<void> {
    const { time, given, bases, record } = this.#options;
    this.#life = new AbortController();
    [this.#counter, this.#failures] = [undefined, 0];
    this.#boot++;
    const { signal } = this.#life;
    this.#note('starts');
    this.#machine = await FaultyMachine.start({
      ...{ time, given, bases, random: this.#random, disk: this.#disk, boot: this.#boot },
      now: () => this.#now(),
      isTooSmallFor: (base) =>
        base !== sha256(given) && (Number.parseInt(base.slice(0, 4), 16) + this.#options.index) % 12 === 0,
      orders: () => this.#order,
      entered: (state) => signal.aborted || record({ kind: 'entered', device: this.id, state }),
      answers: (base) => signal.aborted || record({ kind: 'answers', device: this.id, base }),
    });
    void this.#run(signal);
  }

  /** Ends its process, or its power; its clock may be wrong afterwards. */
  async crash(): Promise<void> {
    if (this.#machine === undefined) return;
    const machine = this.#machine;
    this.#machine = undefined;
    this.#life.abort();
    await machine.crash(this.#disk);
    const isProcess = this.#random.nextUniform() < 0.5;
    this.#note(isProcess ? 'crashes' : 'loses its power');
    if (isProcess) this.#disk.restart();
    else {
      const survivors = [...this.#disk.survivors()];
      this.#disk = survivors[this.#random.nextInteger(survivors.length)]!;
    }
    if (this.#random.nextUniform() >= 0.3) return;
    this.#note('gets a wrong clock');
    this.#clockError = (2 * this.#random.nextUniform() - 1) * 30 * DAY;
  }

  /** Its process is killed amid a file operation that comes soon. */
  cutSoon(): void {
    const { operations } = this.#disk;
    const last = operations + this.#random.nextInteger(30);
    this.#disk.fate = (operation) => {
      if (operation < last) return 'proceed';
      if (operation === last) this.#note('is cut amid a file operation');
      return 'cut';
    };
  }

  #note(what: string): void {
    this.#options.record({ kind: 'fault', what: `${this.id} ${what}` });
  }

  get isOn(): boolean {
    return this.#machine !== undefined;
  }

  get end(): DeviceEnd {
    const { updater } = this.#machine!;
    const { state, current, former, refused } = updater.entry;
    return { device: this.id, entry: { state, current, former, refused }, problem: updater.problem };
  }

  get #order(): MachineOrder {
    return this.#kept.orders?.machines[MODEL] ?? { kind: 'wait' };
  }

  #now(): number {
    return this.#options.start + this.#options.time.now + this.#clockError;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { time } = this.#options;
    for (;;) {
      await time.pause(await this.#turn(signal), signal);
      if (signal.aborted) return;
    }
  }

  /** Reports, as a member does. Returns milliseconds until the next time. */
  async #turn(signal: AbortSignal): Promise<number> {
    try {
      await this.#report(signal);
      this.#failures = 0;
      return REPORT_EVERY * (0.75 + 0.5 * this.#random.nextUniform());
    } catch {
      const wait = Math.min(FIRST_RETRY * 2 ** this.#failures++, REPORT_EVERY);
      return wait * (0.75 + 0.5 * this.#random.nextUniform());
    }
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { updater } = this.#machine!;
    const machines = [machineReport(MODEL, { model: MODEL, channel: 'stable', groups: [] }, updater)];
    const report: DeviceReport = { format: 1, version: '0.2.0', platform: 'virtual', memory: 64e6, machines };
    const { etag } = this.#kept;
    const answer = await this.#ask(report, etag, signal);
    if (signal.aborted) return;
    this.reports++;
    if (answer === null) return;
    this.#kept = answer;
    this.#options.record({ kind: 'heard', device: this.id, orders: answer.orders });
    updater.obey();
  }

  /** Counts on from the time of its start, or from where a controller says, be that higher or lower. */
  async #ask(report: DeviceReport, etag: string | undefined, signal: AbortSignal) {
    const { network, time, nextRequest, record } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const counter = this.#counter === undefined ? Math.floor(this.#now()) : this.#counter + 1;
      this.#counter = counter;
      const number = nextRequest();
      const numbered = { ...report, version: versionOf(number) };
      const body = Buffer.from(JSON.stringify(numbered));
      const request = { path: '/v1/report', device: this.id, counter, body };
      const signed = { ...request, signature: signRequest(request, this.#key) };
      record({ kind: 'sent', request: number, device: this.id, counter, etag, report: numbered });
      const late = time.pause(PATIENCE, signal).then(() => Promise.reject(new Error('no answer')));
      late.catch(() => {}); // the answer came before
      try {
        return await Promise.race([network.send({ number, signed, report: numbered, etag }), late]);
      } catch (failure) {
        const reason = failure instanceof DeviceRefusal ? failure.reason : undefined;
        if (reason?.kind !== 'counter' || attempt === MOST_ATTEMPTS || signal.aborted) throw failure;
        this.#counter = reason.counter;
      }
    }
  }

  async stop(): Promise<void> {
    this.#life.abort();
    await this.#machine?.stop();
  }
}
