import type { Plant } from '../plant.ts';
import { absoluteError, type Score, Scorecard } from '../scorecard.ts';
import type { RecordedPrediction } from './prediction-record.ts';

interface Newest {
  readonly seq: number;
  readonly number: number;
  readonly expected: readonly [number, number] | null;
}

/**
 * Scores predictions as somebody can who hears nothing but them: each says whether its reading was flagged and what is
 * expected of the next one, which is compared with that one when its own prediction comes.
 */
export class PredictionScore {
  readonly #plant: Plant;
  readonly #card: Scorecard;
  readonly #newest = new Map<string, Newest>();

  constructor(plant: Plant, scoring: { warmUp: number; holdOff: number }) {
    this.#plant = plant;
    this.#card = new Scorecard(plant.streams, plant.moved, scoring);
  }

  /** Takes the next prediction of a mote; false for one that it knows already, as a broker may send a message twice. */
  take([id, seq, number, anomaly, expected]: RecordedPrediction): boolean {
    const newest = this.#newestOf(id);
    const stream = this.#plant.streams.find((candidate) => candidate.id === id);
    const reading = stream && this.#plant.reading(stream, number - 1);
    if (reading === undefined || seq <= newest.seq || number <= newest.number) return false;
    // Where predictions are missing, the one before was not about this reading.
    const due = seq === newest.seq + 1 ? (newest.expected ?? undefined) : undefined;
    this.#card.take(id, number - 1, { anomaly, error: absoluteError(due, reading.values) });
    this.#newest.set(id, { seq, number, expected });
    return true;
  }

  /**
   * Up to which reading a net has taken them that has taken so many: those since its newest prediction came one after
   * another.
   */
  numberAfter(id: string, taken: number): number {
    const { seq, number } = this.#newestOf(id);
    return number + taken - seq;
  }

  #newestOf(id: string): Newest {
    return this.#newest.get(id) ?? { seq: 0, number: 0, expected: null };
  }

  score(): Score {
    return this.#card.score();
  }
}
