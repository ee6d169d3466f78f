import { describe, expect, it } from 'vitest';
import { Plant } from '../plant.ts';
import { PredictionScore } from './prediction-score.ts';

/** 20, 21, 22, … °C, 50 % humidity, an event at the readings 3 and 4 (from 0). */
const readings = Array.from({ length: 8 }, (_, k) => ({ temperature: 20 + k, humidity: 50, labelled: false }));
const stream = { id: 'a', name: 'a', readings, events: [{ first: 3, last: 4 }] };
const plant = new Plant([stream], { stream: 'a', reading: 100, shift: 3 });

function score() {
  return new PredictionScore(plant, { warmUp: 0, holdOff: 1 });
}

describe('the score of predictions', () => {
  it('compares what was expected of the next reading with that reading', () => {
    const predictions = score();
    predictions.take(['a', 1, 1, false, [21.5, 49]]);
    predictions.take(['a', 2, 2, false, [21, 53]]);
    predictions.take(['a', 3, 3, false, null]);
    predictions.take(['a', 4, 4, true, null]);
    expect(predictions.score()).toMatchObject({ readings: 4, temperatureError: (0.5 + 1) / 2, humidityError: 2 });
    expect(predictions.score()).toMatchObject({ found: 1, delays: [0], flagged: 1 / 4 });
  });

  it('takes none twice, and compares nothing across a gap', () => {
    const predictions = score();
    expect(predictions.take(['a', 1, 1, false, [0, 0]])).toBe(true);
    expect(predictions.take(['a', 1, 1, false, [0, 0]])).toBe(false);
    expect(predictions.take(['a', 3, 3, false, [23, 50]])).toBe(true);
    expect(predictions.take(['a', 4, 4, false, null])).toBe(true);
    expect(predictions.score()).toMatchObject({ readings: 3, temperatureError: 0, humidityError: 0 });
  });

  it('knows the reading by its time where some were lost before they came to the net', () => {
    const predictions = score();
    predictions.take(['a', 1, 1, false, [22, 50]]);
    predictions.take(['a', 2, 4, true, [24, 50]]);
    // The net had expected the second, and got the fourth.
    expect(predictions.score()).toMatchObject({ readings: 2, temperatureError: 1, found: 1 });
    expect(predictions.numberAfter('a', 2)).toBe(4);
    expect(predictions.numberAfter('a', 4)).toBe(6);
    expect(predictions.numberAfter('b', 3)).toBe(3);
  });

  it('takes none of another mote or of a reading that there is not', () => {
    const predictions = score();
    expect(predictions.take(['b', 1, 1, false, null])).toBe(false);
    expect(predictions.take(['a', 9, 9, false, null])).toBe(false);
    expect(predictions.score().readings).toBe(0);
  });
});
