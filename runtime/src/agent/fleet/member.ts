import type { RandomGenerator } from '@spikewire/models';
import type { ControllerFigures } from '../../desk/updates.ts';
import { jittered, type Pause, pauseFor } from '../pauses.ts';
import type { Identity } from './identity.ts';
import { type KeptEntry, KeptOrders } from './kept-orders.ts';
import { ControllerLink, type JoinAnswer, type LinkOptions } from './link.ts';
import type { MachineOrder, Orders } from './orders.ts';
import type { DeviceReport } from './report.ts';

export interface MemberOptions extends LinkOptions {
  /** Where the orders are kept. */
  readonly folder: string;
  readonly identity: Identity;
  /** What there is to report now; undefined while machines start, or others take their place. */
  readonly report: () => DeviceReport | undefined;
  /** Called when orders have changed, and are durable. */
  readonly onOrders: () => void;
  /** Runs beside the reports until the signal is aborted, and never rejects: backups of what machines have learned. */
  readonly backups?: { run(signal: AbortSignal): Promise<void> } | undefined;
  /** Runs in the same way, and says what of the lessons of machines has left the device. */
  readonly sharing?: { run(signal: AbortSignal): Promise<void>; readonly parts: readonly SharedPart[] } | undefined;
  /** Draws when to report: devices that start together do not report together. */
  readonly random: RandomGenerator;
  readonly say?: (line: string) => void;
  readonly warn?: (line: string) => void;
  readonly pause?: Pause;
}

/** Sums of lessons that have left a device for a round of its controller, or may have. */
export interface SharedPart {
  /** Id of the round. */
  readonly round: string;
  readonly machines: readonly string[];
  /** How many lessons they are of, by the name of the class. */
  readonly lessons: Readonly<Record<string, number>>;
  readonly bytes: number;
  /** By the clock of the device; ISO 8601. */
  readonly time: string;
  /** Whether the controller has answered. */
  readonly acknowledged: boolean;
  /** Why the controller has not taken them; absent: it has, or has not answered yet. */
  readonly refused?: string | undefined;
}

/** Where a device stands with its controller, as a JSON document can hold it. */
export interface MemberStatus extends ControllerFigures {
  readonly controller: string;
  readonly device: string;
  readonly name: string;
  /** Why the last request failed; null where it did not. */
  readonly problem: string | null;
  /** What has left the device for rounds, the oldest first. */
  readonly shared: readonly SharedPart[];
}

const KEEP: MachineOrder = { kind: 'keep' };
const WAIT: MachineOrder = { kind: 'wait' };
/** Between two reports, until the controller says otherwise. */
const DEFAULT_EVERY_SECONDS = 60;
/** After a failure at first, and then twice as long each time, up to the time between two reports. */
const FIRST_RETRY_SECONDS = 30;
const DAY_SECONDS = 86_400;
/** Before the first report: a site whose power returns does not ask at once. */
const LONGEST_START_SECONDS = 10;
/** After a hint to many devices. */
const LONGEST_GROUP_HINT_SECONDS = 5;
/** Whatever hints come. */
const LEAST_PAUSE_SECONDS = 1;
/** Name of a machine, in characters. */
const LONGEST_MACHINE = 64;
/** Orders of machines that an answer does not name are kept for so many. */
const MOST_MACHINES = 256;
/** Between two looks whether there is something to report. */
const NOTHING_YET_SECONDS = 1;

/**
 * A device as a member of a fleet: reports to its controller and keeps the orders that come back, which hold until
 * there are others. What fails is said in one line and tried again; machines go on meanwhile.
 */
export class Member {
  readonly #options: MemberOptions;
  readonly #link: ControllerLink;
  readonly #kept: KeptOrders;
  #hint = new AbortController();
  #isGroupHint = false;
  /** Failed requests in a row. */
  #failures = 0;
  /** Failed and refused requests since the start of the process. */
  #failed = 0;
  /** Machines of the last report. */
  #machines: readonly string[] = [];
  #problem: string | undefined;
  #reported: string | null = null;
  /** Whether the controller has answered a report in this process. */
  #hasAnswer = false;
  /** Whether this process has said that the device was dismissed. */
  #hasSaidDismissed = false;
  /** Seconds for which the controller is left alone whatever hints come. */
  #rest = LEAST_PAUSE_SECONDS;

  static async open(options: MemberOptions): Promise<Member> {
    const { controller } = options.identity;
    if (isReadable(controller))
      options.warn?.(`controller: ${controller} is not encrypted, so others on the way can give orders; use https://`);
    return new Member(options, await KeptOrders.open(options.folder, (line) => options.warn?.(`controller: ${line}`)));
  }

  private constructor(options: MemberOptions, kept: KeptOrders) {
    [this.#options, this.#kept, this.#link] = [options, kept, new ControllerLink(options.identity, options)];
  }

  /**
   * What the controller wants of a machine; one that it has never spoken of waits until there is an answer, and then
   * keeps what it has. Undefined: it has dismissed the device, whose machines decide by themselves again.
   */
  orderFor(machine: string): MachineOrder | undefined {
    const { orders, isDismissed } = this.#kept.entry;
    if (isDismissed) return undefined;
    if (orders !== undefined && Object.hasOwn(orders.machines, machine)) return orders.machines[machine];
    return this.#hasAnswer ? KEEP : WAIT;
  }

  /** Reports now instead of later; after a hint to a whole group within a few seconds. */
  hint(isForGroup = false): void {
    this.#isGroupHint = isForGroup;
    this.#hint.abort();
  }

  get status(): MemberStatus {
    const { controller, device, name, token } = this.#options.identity;
    const membership = this.#kept.entry.isDismissed ? 'dismissed' : token === undefined ? 'member' : 'joining';
    const [reported, failed, problem] = [this.#reported, this.#failed, this.#problem ?? null];
    const shared = this.#options.sharing?.parts ?? [];
    return { controller, device, name, membership, reported, failed, orders: this.#orders, problem, shared };
  }

  get #orders(): Record<MachineOrder['kind'], number> {
    const counts = { keep: 0, wait: 0, try: 0, install: 0, leave: 0 };
    for (const { kind } of this.#machines.flatMap((name) => this.orderFor(name) ?? [])) counts[kind]++;
    return counts;
  }

  /** Reports, makes backups and shares, until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { backups, sharing } = this.#options;
    await Promise.all([this.#runReports(signal), backups?.run(signal), sharing?.run(signal)]);
  }

  async #runReports(signal: AbortSignal): Promise<void> {
    const { token } = this.#options.identity;
    const mostStart = Math.min(LONGEST_START_SECONDS, this.#every);
    if (token === undefined) await this.#wait(mostStart * this.#options.random.nextUniform(), signal);
    while (!signal.aborted) {
      const seconds = await this.#turn(signal);
      if (!signal.aborted) await this.#wait(seconds, signal);
    }
  }

  get #every(): number {
    return this.#kept.entry.orders?.every ?? DEFAULT_EVERY_SECONDS;
  }

  /** Joins where that is to be done, and reports. Returns the seconds until the next time. */
  async #turn(signal: AbortSignal): Promise<number> {
    this.#rest = LEAST_PAUSE_SECONDS;
    try {
      const seconds = await this.#report(signal);
      [this.#failures, this.#problem] = [0, undefined];
      return seconds;
    } catch (failure) {
      if (!signal.aborted) this.#note((failure as Error).message);
      this.#failed++;
      const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** this.#failures, this.#every);
      this.#failures = Math.min(this.#failures + 1, 30);
      return this.#jittered(seconds);
    }
  }

  async #report(signal: AbortSignal): Promise<number> {
    const { identity, report, say, now = Date.now } = this.#options;
    if (identity.token !== undefined) {
      const answer = await this.#join(identity.token, signal);
      if (answer.kind === 'dismissed') return this.#leave();
      if (answer.kind === 'busy') return this.#leaveAlone(answer.seconds);
      await identity.joined();
      say?.(`controller: this device has joined ${identity.controller} as ${identity.device}`);
      await this.#take({ ...this.#kept.entry, isDismissed: false });
    }
    const current = report();
    if (current === undefined) return NOTHING_YET_SECONDS;
    this.#machines = current.machines.map(({ machine }) => machine);
    const answer = await this.#link.report(current, this.#kept.entry.etag, signal);
    if (answer.kind === 'dismissed') return this.#leave();
    if (answer.kind === 'busy') return this.#leaveAlone(answer.seconds);
    if (answer.kind === 'orders') {
      const { etag, orders } = answer;
      await this.#take({ etag, isDismissed: false, orders: this.#merged(orders) });
    }
    this.#endWaiting();
    this.#reported = new Date(now()).toISOString();
    return this.#jittered(this.#every);
  }

  /** With a new key where that of the device was revoked or retired: a person has given it the token since. */
  async #join(token: string, signal: AbortSignal): Promise<JoinAnswer> {
    const { identity, say } = this.#options;
    const answer = await this.#link.join(token, signal);
    if (answer.kind !== 'dismissed') return answer;
    const { controller, device } = identity;
    await identity.renew();
    say?.(`controller: ${controller} has dismissed device ${device}; this device joins again, with a new key`);
    return this.#link.join(token, signal);
  }

  /** At least for so long as the controller has asked for. */
  #leaveAlone(seconds: number): number {
    this.#rest = seconds;
    this.#failed++;
    return seconds * (1 + 0.25 * this.#options.random.nextUniform());
  }

  /** Machines without orders wait no longer: the controller has answered. */
  #endWaiting(): void {
    if (this.#hasAnswer) return;
    this.#hasAnswer = true;
    this.#options.onOrders();
  }

  /** With the last orders of machines that the answer does not name, such as one that does not run just now. */
  #merged({ every, machines }: Orders): Orders {
    const before = Object.entries(this.#kept.entry.orders?.machines ?? {});
    const absent = before.filter(([name]) => !Object.hasOwn(machines, name));
    const named = Object.entries(machines).filter(([name]) => name.length <= LONGEST_MACHINE);
    return { every, machines: Object.fromEntries([...absent, ...named].slice(-MOST_MACHINES)) };
  }

  /** Nothing is obeyed before it is durable. */
  async #take(entry: KeptEntry): Promise<void> {
    const isSame = JSON.stringify(entry) === JSON.stringify(this.#kept.entry);
    if (isSame) return;
    await this.#kept.write(entry);
    this.#options.onOrders();
  }

  /** Asks again each day: a controller may have been mistaken. */
  async #leave(): Promise<number> {
    const { identity, warn } = this.#options;
    await this.#take({ orders: undefined, etag: undefined, isDismissed: true });
    if (!this.#hasSaidDismissed)
      warn?.(
        `controller: ${identity.controller} has dismissed this device, whose machines decide about updates by ` +
          'themselves from now on; it is asked again each day, and --join with a new token lets the device join again',
      );
    this.#hasSaidDismissed = true;
    return this.#jittered(DAY_SECONDS);
  }

  /** Says once what has failed. */
  #note(message: string): void {
    if (message !== this.#problem) this.#options.warn?.(`${message}; machines follow their last orders`);
    this.#problem = message;
  }

  #jittered(seconds: number): number {
    return jittered(seconds, this.#options.random);
  }

  /** Lets time pass, or less where a hint comes. */
  async #wait(seconds: number, signal: AbortSignal): Promise<void> {
    const least = Math.min(seconds, this.#rest);
    await this.#pause(least, signal);
    await this.#pause(seconds - least, AbortSignal.any([signal, this.#hint.signal]));
    if (!this.#hint.signal.aborted || signal.aborted) return;
    this.#hint = new AbortController();
    if (!this.#isGroupHint) return;
    await this.#pause(LONGEST_GROUP_HINT_SECONDS * this.#options.random.nextUniform(), signal);
  }

  #pause(seconds: number, signal: AbortSignal): Promise<void> {
    return pauseFor(seconds, signal, this.#options.pause);
  }
}

/** Whether others on the way can read and change what is said. */
function isReadable(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
