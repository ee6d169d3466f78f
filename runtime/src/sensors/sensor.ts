import type { ChannelDeclaration } from '@spikewire/models';

/** What a sensor is, before anything is read from it. */
export interface SensorDescription {
  /** What `--sensor` takes: `<driver>:<address>`, such as `hwmon:coretemp`. */
  readonly address: string;
  /** For people. */
  readonly name: string;
  readonly channels: readonly ChannelDeclaration[];
}

/** An open sensor. */
export interface Sensor {
  readonly description: SensorDescription;
  /**
   * One sample, a number per channel in the channels' units. Rejects with `input` when the sensor cannot be read now.
   */
  read(): Promise<Float64Array>;
  close(): Promise<void>;
}

/** A family of sensors: one file, one line in the index of the package that brings it. */
export interface SensorDriver {
  /** The word before the colon of an address. */
  readonly scheme: string;
  readonly summary: string;
  /** The sensors that are attached now; empty where there are none, never an error. */
  list(): Promise<readonly SensorDescription[]>;
  /** Opens `<scheme>:<rest>`; rejects with `input` that lists what there is. */
  open(rest: string): Promise<Sensor>;
}
