import { SpikewireError } from '@spikewire/models';

/** Columns and rows of a sensor. */
export interface SensorSize {
  readonly width: number;
  readonly height: number;
}

/** What an event camera saw: parallel arrays of one length, in order of time. */
export interface AddressEvents {
  /** Seconds since the start of the recording. */
  readonly time: Float64Array;
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  /** 1 where it became brighter, 0 where darker. */
  readonly polarity: Uint8Array;
  /** Where the file says it. */
  readonly size?: SensorSize | undefined;
  /** 1 where the file says that all events are alike. Absent: 2. */
  readonly polarities?: 1 | 2;
  /** Microseconds of the sensor's clock at the start. Absent: 0. */
  readonly start?: number;
  /** Events that the file has behind later ones; they were put in order. Absent: none. */
  readonly disordered?: number;
}

export function addressEvents(length: number): AddressEvents {
  return {
    time: new Float64Array(length),
    x: new Uint16Array(length),
    y: new Uint16Array(length),
    polarity: new Uint8Array(length),
  };
}

/** The first `length` events. Throws `file` where one is earlier than the one before it. */
export function inOrder({ time, x, y, polarity }: AddressEvents, length: number): AddressEvents {
  for (let k = 1; k < length; k++) {
    if (time[k]! >= time[k - 1]!) continue;
    throw new SpikewireError('file', `event ${k}`, `is at ${time[k]} s`, `${time[k - 1]} s or later`);
  }
  return {
    time: time.subarray(0, length),
    x: x.subarray(0, length),
    y: y.subarray(0, length),
    polarity: polarity.subarray(0, length),
  };
}
