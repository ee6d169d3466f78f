import type { ChannelDeclaration } from '@spikewire/models';
import type { SensorSettings } from './settings.ts';

/** What a sensor is, before anything is read from it. */
export interface SensorDescription {
  /** What `--sensor` takes: `<driver>:<name>?<settings>`, such as `hwmon:coretemp` or `iio:adxl345?rate=800`. */
  readonly address: string;
  /** For people. */
  readonly name: string;
  readonly channels: readonly ChannelDeclaration[];
  /** Samples of each channel per second; absent where they come when something happens, or when somebody asks. */
  readonly rate?: number;
  /**
   * Who takes the times: the sensor itself, or the kernel as it takes the sample; absent: this process, when the sample
   * has come.
   */
  readonly timed?: 'at the source';
  /** What its numbers count in the time of a sample, where they do: many equal ones are then no fault. */
  readonly counts?: 'events';
}

/** Consecutive samples of a sensor. */
export interface SampleBlock {
  /** When the clock of `times` was at 0, in milliseconds since 1970. */
  readonly origin: number;
  /** When each sample was taken, in seconds of a clock that nobody sets; to the nanosecond for 48 days. */
  readonly times: Float64Array;
  /** Sample after sample, a number for each channel in the channels' units; NaN where there is none. */
  readonly values: Float64Array;
  /** Of what happens instead of being sampled: the channel that changed, for each sample. */
  readonly changed?: Int32Array;
  /** Why there are no numbers, where what came was none. */
  readonly problem?: string;
}

/** A sensor that is asked: for as often as somebody wants to know. */
export interface AskedSensor {
  readonly description: SensorDescription;
  /**
   * One sample, a number per channel in the channels' units. Rejects with `input` when the sensor cannot be read now.
   */
  read(): Promise<Float64Array>;
  /** Gives up what it was opened with. */
  close?(): Promise<void>;
}

/** A sensor that speaks: in its own time, and many samples at once where it is fast. */
export interface SpeakingSensor {
  readonly description: SensorDescription;
  /**
   * Begins, and gives blocks until the signal ends it, or until a recording ends. Throws `input` where the sensor is
   * lost; it is then called again, after a while and for as long as somebody listens.
   */
  samples(signal: AbortSignal): AsyncIterable<SampleBlock>;
  /** What it counts itself, such as what was lost on its way, by names. */
  counted?(): Readonly<Record<string, number>>;
  close?(): Promise<void>;
}

/** An open sensor. Whoever wants its samples reads it through a `SensorStream`. */
export type Sensor = AskedSensor | SpeakingSensor;

/**
 * A family of sensors. A package that brings some names a module as `sensors` in the field `spikewire` of its
 * package.json; the module exports `sensorDrivers: readonly SensorDriver[]`.
 */
export interface SensorDriver {
  /** The word before the colon of an address. */
  readonly scheme: string;
  readonly summary: string;
  /** Settings of an address, and one line about each; {@link commonSettings} are everybody's. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The sensors that are attached now; empty where there are none, never an error. */
  list(): Promise<readonly SensorDescription[]>;
  /** Opens `<scheme>:<name>?<settings>`; rejects with `input` that lists what there is. */
  open(name: string, settings: SensorSettings): Promise<Sensor>;
}
