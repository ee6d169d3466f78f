import {
  type Bearing,
  type BearingFrequencies,
  bearingFrequencies,
  type Feature,
  FrameMemory,
  featureKindOf,
} from '@spikewire/models';
import { SpikewireError } from 'spikewire';
import { type Machine, type Zone, zoneOf } from './vibration-zone.ts';

export interface VibrationSettings {
  /** Samples of a window, a power of two, and from one window to the next. */
  readonly length: number;
  readonly hop: number;
  readonly unit: 'm/s2' | 'g';
  /** Bands of the spectrum, of equal width; 0: none. */
  readonly bands: number;
  /** Undefined: no zone is looked for. */
  readonly machine: Machine | undefined;
  /** Undefined: its frequencies are not looked for. */
  readonly bearing: Bearing | undefined;
  /** Where resonances begin whose envelope shows a bearing, Hz. */
  readonly carrier: number;
  /** Whether what is never negative is given as its natural logarithm. */
  readonly logarithms: boolean;
}

export interface VibrationWindow {
  /** Features by name. */
  readonly features: Readonly<Record<string, number>>;
  readonly zone?: Zone;
  readonly frequencies?: BearingFrequencies;
}

/** Windows that one message may complete, and samples that it may have. */
const MOST_WINDOWS = 64;
const MOST_SAMPLES = 2 ** 18;
const STATISTICS = { rms: 'rms', peak: 'peak', crest: 'crest-factor', kurtosis: 'kurtosis', skewness: 'skewness' };
const BEARING = ['bpfo', 'bpfi', 'bsf', 'ftf'] as const;
/** A shaft that turns by this share faster or slower is looked for elsewhere. */
const SAME_SPEED = 1e-3;
const LEAST = 1e-12;

interface Measure {
  readonly names: readonly string[];
  readonly feature: Feature;
}

/** Gathers the samples of one sensor to windows, and measures each. */
export class Vibration {
  /** Samples per second. */
  readonly rate: number;
  readonly #settings: VibrationSettings;
  readonly #window: Feature;
  readonly #measures: readonly Measure[];
  #shaft = Number.NaN;
  #bearing: Measure | undefined;

  /** Throws `parameter` where the settings do not fit together. */
  constructor(settings: VibrationSettings, rate: number) {
    const { length, hop, bands, machine, unit } = settings;
    this.rate = rate;
    this.#settings = settings;
    const memory = new FrameMemory();
    this.#window = featureKindOf('window', 'window').prepare({ length, hop }, { width: 1, channels: 1, memory });
    const measure = (names: readonly string[], type: string, parameters: object, where: string): Measure => {
      const feature = featureKindOf(type, where).prepare(
        { ...parameters },
        { where, width: length, channels: 1, memory },
      );
      return { names, feature };
    };
    const bandNames = Array.from({ length: bands }, (_, k) => `band${k + 1}`);
    this.#measures = [
      ...Object.entries(STATISTICS).map(([name, type]) => measure([name], type, {}, name)),
      ...(bands > 0 ? [measure(bandNames, 'band-energies', { sampleRate: rate, bands }, 'bands')] : []),
      ...(machine === undefined ? [] : [measure(['velocity'], 'velocity', { sampleRate: rate, unit }, 'zones')]),
    ];
  }

  /** Samples that it takes at once. */
  get most(): number {
    return Math.min(this.#settings.hop * MOST_WINDOWS, MOST_SAMPLES);
  }

  /**
   * Takes samples and gives the windows that they complete, each as it is asked for; they must all be asked for before
   * the next samples come. Throws `input`, before anything has changed, for one that is no number, or too many at once.
   *
   * @param shaft turns per second
   */
  take(samples: ArrayLike<number>, shaft: number): Iterable<VibrationWindow> {
    checkSamples(samples, this.most);
    this.#turn(shaft);
    return this.#windowsOf(samples);
  }

  *#windowsOf(samples: ArrayLike<number>): Generator<VibrationWindow> {
    const single = new Float64Array(1);
    let window: VibrationWindow | undefined;
    const measure = (_: number, frame: Float64Array) => {
      window = this.#measure(frame);
    };
    for (let k = 0; k < samples.length; k++) {
      single[0] = samples[k]!;
      window = undefined;
      this.#window.push(0, single, measure);
      if (window !== undefined) yield window;
    }
  }

  /** Looks for the bearing where a shaft of this speed has it. */
  #turn(shaft: number): void {
    const { bearing, carrier, length } = this.#settings;
    if (bearing === undefined || Math.abs(shaft / this.#shaft - 1) < SAME_SPEED) return;
    const parameters = { sampleRate: this.rate, low: carrier, shaft, ...bearing };
    const site = { where: 'bearing', width: length, channels: 1, memory: new FrameMemory() };
    this.#bearing = { names: BEARING, feature: featureKindOf('bearing-lines', 'bearing').prepare(parameters, site) };
    this.#shaft = shaft;
  }

  #measure(frame: Float64Array): VibrationWindow {
    const { machine, bearing, logarithms } = this.#settings;
    const measured: Record<string, number> = {};
    for (const { names, feature } of [...this.#measures, ...(this.#bearing ? [this.#bearing] : [])]) {
      feature.push(0, frame, (_, numbers) => {
        for (const [k, name] of names.entries()) measured[name] = numbers[k]!;
      });
    }
    return {
      features: logarithms ? inLogarithms(measured) : measured,
      ...(machine === undefined ? {} : { zone: zoneOf(machine, measured.velocity!) }),
      ...(bearing === undefined ? {} : { frequencies: bearingFrequencies(bearing, this.#shaft) }),
    };
  }
}

function checkSamples(samples: ArrayLike<number>, most: number): void {
  if (samples.length > most)
    throw new SpikewireError(
      'input',
      'msg.payload',
      `has ${samples.length} samples`,
      `at most ${most}, or a larger hop`,
    );
  for (let k = 0; k < samples.length; k++) {
    if (Math.abs(samples[k]!) <= Number.MAX_SAFE_INTEGER) continue;
    throw new SpikewireError('input', 'msg.payload', `has ${samples[k]} as sample ${k}`, 'an acceleration');
  }
}

/** Skewness has a sign and stays as it is. */
function inLogarithms(measured: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(measured);
  return Object.fromEntries(
    entries.map(([name, x]) => [name, name === 'skewness' ? x : Math.log(Math.max(x, LEAST))] as const),
  );
}
