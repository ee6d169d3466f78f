import { decoderKindOf, RandomGenerator } from '@spikewire/models';
import { median } from './infer/interleave.mjs';

export const title = 'the decoder "teachable", two halves of 400 neurons, six classes: milliseconds per window';

const NEURONS = 800;
const CLASSES = 6;

/** An answer, and an answer with its lesson, by each read-out; and the bytes of all that it keeps. */
export function run({ quick = false } = {}) {
  const rounds = quick ? 20 : 1000;
  const random = new RandomGenerator(1, 'windows');
  const windows = Array.from({ length: 64 }, () =>
    Uint8Array.from({ length: NEURONS }, () => 32 * random.nextUniform()),
  );
  const results = ['experts', 'rls', 'delta', 'prototypes'].map((readout) => {
    const site = { size: NEURONS, steps: 32, dt: 0.001, random: new RandomGenerator(1, 'decoder') };
    const { teachable, state } = decoderKindOf('teachable', 'bench').prepare({ readout, views: 2 }, site);
    const times = { answer: [], lesson: [] };
    for (let round = 0; round < rounds; round++) {
      const counts = windows[round % windows.length];
      const begin = performance.now();
      teachable.decodeCounts(counts);
      const answered = performance.now();
      teachable.teach(counts, `class ${round % CLASSES}`);
      times.answer.push(answered - begin);
      times.lesson.push(performance.now() - answered);
    }
    const bytes = Object.values(state).reduce((sum, { view }) => sum + view.byteLength, 0);
    return { name: readout, answer: median(times.answer), lesson: median(times.lesson), bytes };
  });
  return { rounds, results };
}

export function table({ rounds, results }) {
  const rows = results.map(
    ({ name, answer, lesson, bytes }) =>
      `  ${name.padEnd(11)} answer ${answer.toFixed(3)} ms   lesson ${lesson.toFixed(3)} ms   ${(bytes / 1000).toFixed(0).padStart(4)} kB\n`,
  );
  return `${rows.join('')}  median of ${rounds} windows\n`;
}
