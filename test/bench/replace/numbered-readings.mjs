import { setTimeout as delay } from 'node:timers/promises';

/** Readings a second. */
export const RATE = 1000;

/** What a host answers to readings 1, 2, …, whose times are their numbers. */
export class NumberedAnswers {
  #answered = [];
  #times = [];

  /** For `listener` of the host. */
  listener = (_key, { time }) => {
    this.#answered.push(time);
    this.#times.push(performance.now());
  };

  /** What was before does not count. */
  clear() {
    [this.#answered, this.#times] = [[], []];
  }

  countsOf(given) {
    const distinct = new Set(this.#answered);
    const isInOrder = this.#answered.every((time, k) => k === 0 || time > this.#answered[k - 1]);
    return { lost: given - distinct.size, doubled: this.#answered.length - distinct.size, isInOrder };
  }

  /** Milliseconds between two answers. */
  gaps() {
    const gaps = this.#times
      .slice(1)
      .map((time, k) => time - this.#times[k])
      .sort((a, b) => a - b);
    return { longestGap: gaps.at(-1), rareGap: gaps.at(-Math.ceil(gaps.length / 1000)) };
  }
}

/**
 * Gives readings 1, 2, … at their times, without waiting for answers, until something is so; resolves to how many, when
 * all are answered.
 */
export async function feedAtRate(host, readingOf, isEnough) {
  const began = performance.now();
  const answers = [];
  while (!isEnough(answers.length)) {
    const due = Math.floor(((performance.now() - began) / 1000) * RATE);
    while (answers.length < due && !isEnough(answers.length)) {
      answers.push(host.desk.feed('', readingOf(answers.length + 1)));
    }
    await delay(1);
  }
  await Promise.all(answers);
  return answers.length;
}
