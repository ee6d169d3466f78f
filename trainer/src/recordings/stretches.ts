import type { Stretch } from './recording.ts';

const BEGINNING = 1024;

/** Stretches of rows that come one by one: another begins where class or group changes. */
export class Stretches {
  readonly all: Stretch[] = [];
  readonly #channels: readonly string[];
  readonly #rate: number | undefined;
  #label: string | undefined;
  #group: string | undefined;
  #samples: Float32Array[];
  #count = 0;

  constructor(channels: readonly string[], rate?: number) {
    this.#channels = channels;
    this.#rate = rate;
    this.#samples = channels.map(() => new Float32Array(BEGINNING));
  }

  /** A sample of each channel. */
  add(label: string | undefined, group: string | undefined, sample: ArrayLike<number>): void {
    if (label !== this.#label || group !== this.#group) this.end();
    [this.#label, this.#group] = [label, group];
    if (this.#count === this.#samples[0]!.length) this.#samples = this.#samples.map(doubled);
    for (const [channel, own] of this.#samples.entries()) own[this.#count] = sample[channel]!;
    this.#count++;
  }

  /** Ends the stretch, so that what comes begins another. */
  end(): void {
    if (this.#count === 0) return;
    this.all.push({
      ...(this.#label !== undefined && { label: this.#label }),
      ...(this.#group !== undefined && { group: this.#group }),
      channels: this.#channels,
      ...(this.#rate !== undefined && { rate: this.#rate }),
      samples: this.#samples.map((own) => own.slice(0, this.#count)),
    });
    this.#count = 0;
  }
}

function doubled(samples: Float32Array): Float32Array {
  const larger = new Float32Array(2 * samples.length);
  larger.set(samples);
  return larger;
}
