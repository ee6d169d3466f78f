/** What a controller has done since it started. */
export class Counters {
  /** By status, such as 200. */
  readonly reports = new Map<number, number>();
  readonly joins = new Map<number, number>();
  /** Requests of people. */
  readonly requests = new Map<number, number>();
  ticks = 0;
  tickSeconds = 0;
  lastTickSeconds = Number.NaN;

  countAnswer(path: string, status: number): void {
    const counts = path === '/v1/report' ? this.reports : path === '/v1/join' ? this.joins : this.requests;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }

  /** Does the work, and takes its time. */
  async timeTick(work: () => Promise<void>): Promise<void> {
    const start = performance.now();
    await work();
    this.lastTickSeconds = (performance.now() - start) / 1000;
    this.tickSeconds += this.lastTickSeconds;
    this.ticks++;
  }
}
