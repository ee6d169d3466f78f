import type { Reading } from 'spikewire/session';
import type { MovedSensor } from './scorecard.ts';
import { MOTE_READING_INTERVAL_MS, type MoteStream } from './wsn.ts';

/** The channels of a mote, in the order of a reading's values. */
export const MOTE_CHANNELS = [
  { name: 'temperature', unit: '°C' },
  { name: 'humidity', unit: '%' },
] as const;

/** When the first reading was taken, for the time axis: the data give no date. */
const FIRST_READING_TIME = Date.UTC(2010, 0, 1);

/** Which reading was taken at a time, counted from 1. */
export function numberOf(time: number): number {
  return Math.round((time - FIRST_READING_TIME) / MOTE_READING_INTERVAL_MS) + 1;
}

/** The motes as they are replayed: the recorded streams, with one sensor moved by a constant from some reading on. */
export class Plant {
  readonly streams: readonly MoteStream[];
  readonly moved: MovedSensor;

  constructor(streams: readonly MoteStream[], moved: MovedSensor) {
    this.streams = streams;
    this.moved = moved;
  }

  /** Readings of the longest stream. */
  get length(): number {
    return Math.max(...this.streams.map(({ readings }) => readings.length));
  }

  /** Reading `index` (from 0) of a stream; undefined past its end. */
  reading({ id, readings }: MoteStream, index: number): Reading | undefined {
    const recorded = readings[index];
    if (recorded === undefined) return undefined;
    const { stream, reading, shift } = this.moved;
    const temperature = recorded.temperature + (id === stream && index >= reading ? shift : 0);
    return {
      time: FIRST_READING_TIME + index * MOTE_READING_INTERVAL_MS,
      values: Float64Array.of(temperature, recorded.humidity),
    };
  }
}
