import type { MoteStream } from './wsn.ts';

/** What a detector said of one reading. */
export interface Judgement {
  readonly anomaly: boolean;
  /** |prediction − actual| of temperature (°C) and humidity (%); NaN where there was no prediction. */
  readonly error: readonly [number, number];
}

/** |expected − actual| of temperature and humidity; NaN where nothing was expected. */
export function absoluteError(expected: ArrayLike<number> | undefined, actual: Float64Array): Judgement['error'] {
  if (expected === undefined) return [Number.NaN, Number.NaN];
  return [Math.abs(expected[0]! - actual[0]!), Math.abs(expected[1]! - actual[1]!)];
}

/** The figures of one detector over all streams. */
export interface Score {
  readonly readings: number;
  readonly events: number;
  /** Labelled events in which a flag began; an event is not found where the stream was flagging already. */
  readonly found: number;
  /** Readings from the start of each found event to its first flag. */
  readonly delays: readonly number[];
  /** Episodes of flags that began outside all events and the moved sensor's first readings. */
  readonly falseEpisodes: number;
  /** Share of all readings that were flagged, 0…1. */
  readonly flagged: number;
  /** Mean |prediction − actual|, °C and %. NaN where the detector predicts nothing. */
  readonly temperatureError: number;
  readonly humidityError: number;
  /** Readings from the move until flags stayed away for a whole hold-off; null: not before the stream's end. */
  readonly quietAfter: number | null;
}

/** Where a sensor was moved by a constant for ever. */
export interface MovedSensor {
  readonly stream: string;
  readonly reading: number;
  readonly shift: number;
}

/** Plain numbers of one stream, so that they can be saved and resumed. */
interface StreamTally {
  readings: number;
  flagged: number;
  lastFlag: number;
  falseEpisodes: number;
  /** First reading and delay of each event found. */
  found: [first: number, delay: number][];
  errorSums: [number, number];
  errorCounts: [number, number];
  quietFrom: number | null;
}

/**
 * Scores a detector on the labelled streams as it runs. Readings up to `warmUp` count for nothing: every detector may
 * learn from them. An episode is a run of flags with fewer than `holdOff` quiet readings between them.
 */
export class Scorecard {
  readonly #streams: ReadonlyMap<string, MoteStream>;
  readonly #moved: MovedSensor;
  readonly #warmUp: number;
  readonly #holdOff: number;
  readonly #tallies = new Map<string, StreamTally>();

  constructor(
    streams: readonly MoteStream[],
    moved: MovedSensor,
    { warmUp, holdOff }: { warmUp: number; holdOff: number },
  ) {
    this.#streams = new Map(streams.map((stream) => [stream.id, stream]));
    this.#moved = moved;
    this.#warmUp = warmUp;
    this.#holdOff = holdOff;
    for (const { id } of streams) this.#tallies.set(id, emptyTally());
  }

  /** Takes the judgement of reading `reading` (0-based) of a stream; readings come in order. */
  take(streamId: string, reading: number, { anomaly, error }: Judgement): void {
    if (reading < this.#warmUp) return;
    const tally = this.#tallies.get(streamId)!;
    tally.readings++;
    error.forEach((value, channel) => {
      if (!Number.isFinite(value)) return;
      tally.errorSums[channel]! += value;
      tally.errorCounts[channel]! += 1;
    });
    const quiet = reading - tally.lastFlag > this.#holdOff;
    const sinceMove = streamId === this.#moved.stream ? reading - this.#moved.reading : -1;
    if (sinceMove >= 0) this.#watchMove(tally, reading, anomaly);
    if (!anomaly) return;
    if (quiet) this.#beginEpisode(streamId, tally, reading, sinceMove);
    tally.flagged++;
    tally.lastFlag = reading;
  }

  #beginEpisode(streamId: string, tally: StreamTally, reading: number, sinceMove: number): void {
    const event = this.#streams.get(streamId)!.events.find(({ first, last }) => reading >= first && reading <= last);
    if (event !== undefined) {
      if (!tally.found.some(([first]) => first === event.first)) tally.found.push([event.first, reading - event.first]);
    } else if (sinceMove < 0 || sinceMove > this.#holdOff) {
      tally.falseEpisodes++;
    }
  }

  /** The moved sensor is quiet from the reading after its last flag, once a hold-off has passed without one. */
  #watchMove(tally: StreamTally, reading: number, anomaly: boolean): void {
    const { reading: move } = this.#moved;
    if (tally.quietFrom !== null || anomaly) return;
    const lastFlag = Math.max(tally.lastFlag, move - 1);
    if (reading - lastFlag >= this.#holdOff) tally.quietFrom = lastFlag + 1 - move;
  }

  score(): Score {
    const tallies = [...this.#tallies.values()];
    const sum = (pick: (tally: StreamTally) => number) => tallies.reduce((total, tally) => total + pick(tally), 0);
    const readings = sum((tally) => tally.readings);
    const delays = tallies.flatMap((tally) => tally.found.map(([, delay]) => delay));
    return {
      readings,
      events: [...this.#streams.values()].reduce((total, { events }) => total + events.length, 0),
      found: delays.length,
      delays,
      falseEpisodes: sum((tally) => tally.falseEpisodes),
      flagged: sum((tally) => tally.flagged) / readings,
      temperatureError: sum((tally) => tally.errorSums[0]) / sum((tally) => tally.errorCounts[0]),
      humidityError: sum((tally) => tally.errorSums[1]) / sum((tally) => tally.errorCounts[1]),
      quietAfter: this.#tallies.get(this.#moved.stream)!.quietFrom,
    };
  }

  /** One stream's numbers as JSON, to be kept beside the learned state. */
  save(streamId: string): string {
    return JSON.stringify(this.#tallies.get(streamId));
  }

  restore(streamId: string, saved: string): void {
    this.#tallies.set(streamId, JSON.parse(saved) as StreamTally);
  }
}

function emptyTally(): StreamTally {
  return {
    readings: 0,
    flagged: 0,
    // Far enough in the past for JSON, which has no infinity.
    lastFlag: -1e9,
    falseEpisodes: 0,
    found: [],
    errorSums: [0, 0],
    errorCounts: [0, 0],
    quietFrom: null,
  };
}
