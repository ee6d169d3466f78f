/** Mean and deviation of each channel over a block of readings. */
export function meanAndDeviation(block) {
  return Array.from(block[0], (_, channel) => {
    const mean = block.reduce((sum, reading) => sum + reading[channel] / block.length, 0);
    const variance = block.reduce((sum, reading) => sum + (reading[channel] - mean) ** 2 / block.length, 0);
    return [mean, Math.sqrt(variance)];
  }).flat();
}

/** The nearest neighbour among lessons; `scaled`: in deviations of the lessons from their mean, number by number. */
export class Nearest {
  #lessons = [];
  #scaled;

  constructor({ scaled }) {
    this.#scaled = scaled;
  }

  learn(x, label) {
    this.#lessons.push({ x, label });
  }

  answer(x) {
    const units = this.#scaled ? this.#deviations() : x.map(() => 1);
    const distance = (lesson) => lesson.x.reduce((sum, value, k) => sum + ((value - x[k]) / units[k]) ** 2, 0);
    return this.#lessons.reduce((a, b) => (distance(b) < distance(a) ? b : a)).label;
  }

  #deviations() {
    const count = this.#lessons.length;
    return this.#lessons[0].x.map((_, k) => {
      const mean = this.#lessons.reduce((sum, { x }) => sum + x[k] / count, 0);
      return Math.sqrt(this.#lessons.reduce((sum, { x }) => sum + (x[k] - mean) ** 2 / count, 0)) || 1;
    });
  }
}
