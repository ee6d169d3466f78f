import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Readings since the start: how many nets were given, and with how many of these they are done. */
export interface WatchedReadings {
  readonly given: number;
  readonly done: number;
}

/** What systemd is told about: a service whose readings go to nets. */
export interface WatchedService {
  /** By what the nets watch, in words for people, such as `fan`: none may stand still. */
  readonly readings: ReadonlyMap<string, WatchedReadings>;
  /** How it is, in one line. */
  readonly status: string;
}

/** Sends what systemd-notify(1) takes. */
type Send = (words: readonly string[]) => Promise<unknown>;

/** Signs of life in the time that systemd waits for one: a busy machine may be late with one or two. */
const SIGNS = 3;
const LONGEST_SEND_MS = 10_000;

/**
 * Tells the systemd that started this process that it is ready, how it is, and that it goes on (sd_notify(3)). Node has
 * no datagram sockets of Unix, so each notice is a short process of `systemd-notify`, one a minute where the unit has
 * `WatchdogSec=180`. systemd restarts a service that has given no sign of life for so long: its event loop stands
 * still, or its nets do.
 */
export class Notifier {
  readonly #warn: (line: string) => void;
  readonly #send: Send;
  /** Milliseconds between signs of life; undefined: systemd expects none. */
  readonly #interval: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** At the last look. */
  #before: ReadonlyMap<string, WatchedReadings> = new Map();
  #failed = false;

  /** Undefined where no systemd waits for notices of this process. */
  static of(
    environment: NodeJS.ProcessEnv,
    warn: (line: string) => void,
    send: Send = systemdNotify,
  ): Notifier | undefined {
    return environment.NOTIFY_SOCKET ? new Notifier(environment, warn, send) : undefined;
  }

  private constructor({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv, warn: (line: string) => void, send: Send) {
    const patience = Number(WATCHDOG_USEC ?? 0) / 1000;
    const isExpected = patience > 0 && (WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid);
    this.#interval = isExpected ? patience / SIGNS : undefined;
    this.#warn = warn;
    this.#send = send;
  }

  /** Says that the service is ready, and from now on that it goes on, as long as that is so. */
  async begin(service: WatchedService): Promise<void> {
    if (this.#interval !== undefined) this.#timer = setInterval(() => void this.#look(service), this.#interval).unref();
    await this.#tell('--ready', statusOf(service));
  }

  async #look(service: WatchedService): Promise<void> {
    // A copy: the counts go on.
    const now = new Map([...service.readings].map(([name, { given, done }]) => [name, { given, done }]));
    const standing = [...now].find(([name, readings]) => standsStill(readings, this.#before.get(name)));
    this.#before = now;
    if (standing === undefined) return this.#tell('WATCHDOG=1', statusOf(service));
    const [name, { given, done }] = standing;
    const who = name === '' ? '' : `${name} `;
    await this.#tell(`--status=${who}stalled: ${given - done} readings wait for nets; systemd restarts it soon`);
  }

  async #tell(...words: string[]): Promise<void> {
    try {
      await this.#send(words);
    } catch (failure) {
      if (!this.#failed) this.#warn(`systemd-notify: ${(failure as Error).message.split('\n')[0]}`);
      this.#failed = true;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/**
 * A reading that no net is done with is no standstill as long as others are. Counts begin anew where nets were opened
 * again.
 */
function standsStill({ given, done }: WatchedReadings, before: WatchedReadings = { given: 0, done: 0 }): boolean {
  return done !== given && done === before.done;
}

function statusOf({ status }: WatchedService): string {
  return `--status=${status}`;
}

function systemdNotify(words: readonly string[]): Promise<unknown> {
  return promisify(execFile)('systemd-notify', words, { timeout: LONGEST_SEND_MS });
}
