import { percent } from '../report/percent.ts';
import type { EpochRecord } from '../runs/history.ts';
import type { BatchReport } from '../runs/run.ts';

const BAR = 20;

/** How a training goes on, as one line that replaces itself, and one line per epoch that stays. */
export class ProgressLine {
  readonly #now: () => number;
  readonly #started: number;
  #steps = 0;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    this.#started = now();
  }

  batch({ epoch, batch, batches, size, score }: BatchReport, epochs: number): string {
    this.#steps++;
    const seconds = (this.#now() - this.#started) / 1000;
    const left = (epochs - epoch) * batches + (batches - batch);
    const filled = Math.floor((BAR * batch) / batches);
    return [
      `epoch ${epoch}/${epochs} ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`,
      `loss ${score.loss.toFixed(4)}`,
      `accuracy ${percent(score.accuracy)}`,
      `${Math.round((this.#steps * size) / seconds)} samples/s`,
      `ETA ${duration((seconds / this.#steps) * left)}`,
    ].join('  ');
  }

  epoch({ epoch, training, validation }: EpochRecord, epochs: number): string {
    return [
      `epoch ${epoch}/${epochs}`,
      `loss ${training.loss.toFixed(4)} accuracy ${percent(training.accuracy)}`,
      `validation loss ${validation.loss.toFixed(4)} accuracy ${percent(validation.accuracy)}`,
      duration((this.#now() - this.#started) / 1000),
    ].join('  ');
  }
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
