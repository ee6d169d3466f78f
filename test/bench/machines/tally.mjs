// What a detector's alarms come to.

/** Alarms that are no farther apart are one. */
const APART = 60;

/** Faults that have an alarm, with the readings until the first, and the number of false alarms. */
export class Tally {
  found = {};
  falseAlarms = [];
  #at = 0;
  #last = Number.NEGATIVE_INFINITY;
  #began = 0;
  #fault;

  add({ fault, isFalse }, monitors) {
    this.#at++;
    if (fault !== this.#fault) [this.#fault, this.#began] = [fault, this.#at - 1];
    if (monitors.length === 0) return;
    const isNew = this.#at - this.#last > APART;
    this.#last = this.#at;
    if (fault !== undefined && isNew) this.found[fault] ??= { delay: this.#at - this.#began, monitors };
    if (isFalse && isNew) this.falseAlarms.push(monitors.join(', '));
  }
}

/** Alarms of scores above a limit. */
export function episodes(scores, limit) {
  let [count, last] = [0, Number.NEGATIVE_INFINITY];
  for (const [k, score] of scores.entries()) {
    if (score <= limit) continue;
    if (k - last > APART) count++;
    last = k;
  }
  return count;
}
