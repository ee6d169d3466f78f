import { SpikewireError } from '@spikewire/models';
import { MOST_ARRAYS, MOST_NUMBERS } from './limits.ts';
import type { Stretch } from './recording.ts';

/** Samples that there is room for at first: little, where there are many channels. */
const BEGINNING = 16;

/**
 * Stretches of rows that come one by one: another begins where class or group changes. Throws `file` where they are too
 * many, or have too many numbers together.
 */
export class Stretches {
  readonly all: Stretch[] = [];
  readonly #path: string;
  readonly #channels: readonly string[];
  readonly #rate: number | undefined;
  #label: string | undefined;
  #group: string | undefined;
  #samples: Float32Array[];
  #count = 0;
  #numbers = 0;

  constructor(path: string, channels: readonly string[], rate?: number) {
    this.#path = path;
    this.#channels = channels;
    this.#rate = rate;
    this.#samples = channels.map(() => new Float32Array(BEGINNING));
  }

  /** A sample of each channel. */
  add(label: string | undefined, group: string | undefined, sample: ArrayLike<number>): void {
    if (label !== this.#label || group !== this.#group) this.end();
    this.#numbers += this.#channels.length;
    this.#refuse(this.#numbers, MOST_NUMBERS, 'numbers');
    [this.#label, this.#group] = [label, group];
    if (this.#count === this.#samples[0]!.length) this.#samples = this.#samples.map(doubled);
    for (const [channel, own] of this.#samples.entries()) own[this.#count] = sample[channel]!;
    this.#count++;
  }

  /** Ends the stretch, so that what comes begins another. */
  end(): void {
    if (this.#count === 0) return;
    this.#refuse((this.all.length + 1) * this.#channels.length, MOST_ARRAYS, 'stretches of a class, times channels');
    this.all.push({
      ...(this.#label !== undefined && { label: this.#label }),
      ...(this.#group !== undefined && { group: this.#group }),
      channels: this.#channels,
      ...(this.#rate !== undefined && { rate: this.#rate }),
      samples: this.#samples.map((own) => own.slice(0, this.#count)),
    });
    this.#count = 0;
  }

  #refuse(count: number, most: number, what: string): void {
    if (count <= most) return;
    throw new SpikewireError('file', this.#path, `has more than ${most} ${what}`, 'fewer');
  }
}

function doubled(samples: Float32Array): Float32Array {
  const larger = new Float32Array(2 * samples.length);
  larger.set(samples);
  return larger;
}
