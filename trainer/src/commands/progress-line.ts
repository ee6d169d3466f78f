import { percent } from '@spikewire/exchange/report';
import type { EpochRecord } from '../runs/history.ts';
import type { BatchReport, Run } from '../runs/run.ts';
import type { Score, ScoreName } from '../runs/tally.ts';

const BAR = 20;

/** What is shown of a run besides where it is. */
type Shown = Pick<Run, 'epochs' | 'scoreName'>;

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

  batch({ epoch, batch, batches, size, score }: BatchReport, { epochs, scoreName }: Shown): string {
    this.#steps++;
    const seconds = (this.#now() - this.#started) / 1000;
    const left = (epochs - epoch) * batches + (batches - batch);
    const filled = Math.floor((BAR * batch) / batches);
    return [
      `epoch ${epoch}/${epochs} ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`,
      `loss ${score.loss.toFixed(4)}`,
      worthOf(score, scoreName),
      `${Math.round((this.#steps * size) / seconds)} samples/s`,
      `ETA ${duration((seconds / this.#steps) * left)}`,
    ].join('  ');
  }

  epoch({ epoch, training, validation }: EpochRecord, { epochs, scoreName }: Shown): string {
    return [
      `epoch ${epoch}/${epochs}`,
      `loss ${training.loss.toFixed(4)} ${worthOf(training, scoreName)}`,
      `validation loss ${validation.loss.toFixed(4)} ${worthOf(validation, scoreName)}`,
      duration((this.#now() - this.#started) / 1000),
    ].join('  ');
  }
}

function worthOf({ accuracy }: Score, name: ScoreName = 'accuracy'): string {
  return `${name} ${name === 'correlation' ? accuracy.toFixed(4) : percent(accuracy)}`;
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
