import { SpikewireError } from '../../error.ts';
import type { ParameterTable, PlainParameters } from '../../parameters/declaration.ts';
import type { FrameMemory } from '../frame-memory.ts';
import { realTransform } from './fourier.ts';

/** The parameters that features of the spectrum have in common. */
export const spectrumParameters = {
  sampleRate: { doc: 'samples per second', unit: 'Hz', form: 'number', above: 0 },
  low: { doc: 'lowest frequency', unit: 'Hz', form: 'number', default: 0, minimum: 0 },
  high: {
    doc: 'highest frequency (default half the sample rate)',
    unit: 'Hz',
    form: 'number',
    above: 0,
    optional: true,
  },
} as const satisfies ParameterTable;

const SMALLEST = 8;

/**
 * Multiply-adds of a spectrum: those of window and power, and half of the N·log₂N butterflies of a complex transform.
 */
export function spectrumWork(width: number): number {
  return width * (Math.log2(width) + 2);
}

/** Numbers in the tables of a transform, which are lists, for each of a frame. */
export const TABLES = 3;
/** Numbers in the arrays of a spectrum for each of a frame: its window, the samples, their lines and the power. */
const ARRAYS = 5;

/** Takes the memory of a spectrum. */
export function takeSpectrum(where: string, width: number, memory: FrameMemory): void {
  memory.take(where, ARRAYS * width, TABLES * width);
}

/**
 * One-sided power spectrum of frames of N samples under the periodic Hann window w_n = ½(1 − cos 2πn/N):
 * P_k = c_k·|X_k|² / (N·Σ w²), X the transform of w·x, c = 1 for the lines k = 0 and N/2 and 2 for those between
 * (Heinzel, Rüdiger and Schilling 2002, eq. 23).
 *
 * So Σ P = Σ (w x)² / Σ w² exactly (Parseval), the windowed mean square; of a stationary signal that is its mean
 * square, of a tone of amplitude A on a line A²/2, on three lines. The mean is not taken off: it lies on the lines 0
 * and 1.
 */
export class PowerSpectrum {
  /** Distance of the lines. */
  readonly resolution: number;
  /** P_0 … P_(N/2) of the last frame. */
  readonly power: Float64Array;
  readonly #window: Float64Array;
  readonly #samples: Float64Array;
  readonly #lines: Float64Array;
  readonly #transform: ReturnType<typeof realTransform>;

  /** @param where for messages, such as `feature "band-energies"` */
  constructor(where: string, width: number, sampleRate: number) {
    if (width < SMALLEST || !Number.isInteger(Math.log2(width))) {
      const problem = width === 1 ? 'gets single samples' : `gets frames of ${width} numbers`;
      const expected = `frames of a power of two from ${SMALLEST}, from a "window" in front of it`;
      throw new SpikewireError('parameter', where, problem, expected);
    }
    this.resolution = sampleRate / width;
    this.power = new Float64Array(width / 2 + 1);
    this.#window = Float64Array.from({ length: width }, (_, n) => (1 - Math.cos((2 * Math.PI * n) / width)) / 2);
    this.#samples = new Float64Array(width);
    this.#lines = new Float64Array(2 * width);
    this.#transform = realTransform(width);
  }

  /** Writes the spectrum of a frame into `power`. */
  measure(frame: Float64Array): void {
    const width = frame.length;
    for (let n = 0; n < width; n++) this.#samples[n] = this.#window[n]! * frame[n]!;
    this.#transform.realTransform(this.#lines, this.#samples);
    // Σ w² of this window is 3N/8.
    const scale = 8 / (3 * width * width);
    const last = width / 2;
    for (let k = 0; k <= last; k++) {
      const sides = k === 0 || k === last ? 1 : 2;
      this.power[k] = sides * scale * (this.#lines[2 * k]! ** 2 + this.#lines[2 * k + 1]! ** 2);
    }
  }
}

/**
 * [low, high] in Hz as a feature's parameters name them; throws `parameter` where there is no such part of the
 * spectrum.
 */
export function readBand(
  where: string,
  { sampleRate, low, high = sampleRate / 2 }: PlainParameters<typeof spectrumParameters>,
): readonly [number, number] {
  if (high > sampleRate / 2) {
    throw new SpikewireError(
      'parameter',
      `${where}.high`,
      `is ${high}`,
      `at most half the sample rate, ${sampleRate / 2}`,
    );
  }
  if (low >= high) throw new SpikewireError('parameter', `${where}.low`, `is ${low}`, `a number below ${high}`);
  return [low, high];
}
