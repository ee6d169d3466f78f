import type { HintCounts } from '../../hints/hints.ts';
import type { LiveCounts } from '../../live/followed-device.ts';

/** What a controller has done since it started. */
export class Counters {
  /** By status, such as 200. */
  readonly reports = new Map<number, number>();
  readonly joins = new Map<number, number>();
  readonly backups = new Map<number, number>();
  /** Requests of people. */
  readonly requests = new Map<number, number>();
  readonly hints: HintCounts = { sent: 0, dropped: 0, waiting: 0 };
  readonly live: LiveCounts = { taken: 0, dropped: 0, devices: 0 };
  ticks = 0;
  tickSeconds = 0;
  lastTickSeconds = Number.NaN;

  countAnswer(path: string, status: number): void {
    const counts = this.#countsOf(path);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }

  #countsOf(path: string): Map<number, number> {
    if (path === '/v1/report') return this.reports;
    if (path === '/v1/join') return this.joins;
    return path === '/v1/backup' ? this.backups : this.requests;
  }

  /** Looks for work, and takes the time of that. */
  async timeTick<T>(look: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const found = await look();
    this.lastTickSeconds = (performance.now() - start) / 1000;
    this.tickSeconds += this.lastTickSeconds;
    this.ticks++;
    return found;
  }
}
