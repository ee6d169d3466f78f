// What others would use in our place, in one number a reading: the largest of the channels.
import { runningZScore } from '@spikewire/trainer/baselines';

/** Deviations from the mean of all readings so far. */
export function zScore(channels) {
  const score = runningZScore(channels);
  return (values) => score.scoreOf(values);
}

/** The same of the differences between a reading and the one before. */
export function zOfDifferences(channels) {
  const score = zScore(channels);
  let before;
  return (values) => {
    const differences = values.map((value, channel) => value - (before?.[channel] ?? value));
    before = values;
    return score(differences);
  };
}

const LAGS = 5;
const SMOOTH = 3;
const CENTRES = 2;
const ROUNDS = 100;

/**
 * k-means of lagged values, the way of Netdata: of each channel, differences of readings, each a mean of three, with
 * the five before; two centres, learned from the first `training` readings and anew after as many. The score is the sum
 * of the distances to both centres, scaled so that the least of training is 0 and the largest 1.
 */
export function kMeansOfLags(channels, training) {
  const own = Array.from({ length: channels }, () => new LagModel(training));
  return (values) => Math.max(...values.map((value, channel) => own[channel].scoreOf(value)));
}

class LagModel {
  #training;
  #recent = [];
  #smooth = [];
  #rows = [];
  #model;

  constructor(training) {
    this.#training = training;
  }

  scoreOf(value) {
    this.#recent = [...this.#recent, value].slice(-SMOOTH);
    this.#smooth = [...this.#smooth, this.#recent.reduce((sum, each) => sum + each, 0) / this.#recent.length];
    this.#smooth = this.#smooth.slice(-(LAGS + 2));
    if (this.#smooth.length < LAGS + 2) return 0;
    const row = this.#smooth.slice(1).map((each, k) => each - this.#smooth[k]);
    this.#rows.push(row);
    const score = this.#model === undefined ? 0 : this.#scaled(distanceOf(this.#model.centres, row));
    if (this.#rows.length >= this.#training) this.#learn();
    return score;
  }

  #scaled(distance) {
    const { least, largest } = this.#model;
    return (distance - least) / Math.max(1e-9, largest - least);
  }

  #learn() {
    const centres = kMeans(this.#rows);
    const distances = this.#rows.map((row) => distanceOf(centres, row));
    const [least, largest] = [distances.reduce((a, b) => Math.min(a, b)), distances.reduce((a, b) => Math.max(a, b))];
    this.#model = { centres, least, largest };
    this.#rows = [];
  }
}

function distanceOf(centres, row) {
  return centres.reduce((sum, centre) => sum + Math.hypot(...row.map((value, k) => value - centre[k])), 0);
}

/** Lloyd's, from the first row and the one farthest from it. */
function kMeans(rows) {
  const apart = (a, b) => Math.hypot(...a.map((value, k) => value - b[k]));
  let centres = [rows[0]];
  while (centres.length < CENTRES) {
    const nearest = (row) => Math.min(...centres.map((centre) => apart(centre, row)));
    centres.push(rows.reduce((best, row) => (nearest(row) > nearest(best) ? row : best)));
  }
  for (let round = 0; round < ROUNDS; round++) {
    const groups = centres.map(() => []);
    for (const row of rows) {
      const distances = centres.map((centre) => apart(centre, row));
      groups[distances.indexOf(Math.min(...distances))].push(row);
    }
    const moved = groups.map((group, k) => (group.length === 0 ? centres[k] : meanOf(group)));
    if (moved.every((centre, k) => apart(centre, centres[k]) < 1e-9)) break;
    centres = moved;
  }
  return centres;
}

function meanOf(rows) {
  return rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
}
