import { FeatureChain, RandomGenerator, SpikewireError, shuffled } from '@spikewire/models';
import { bytesOf, filesIn } from '../files/folder.ts';
import { stretchOf } from '../recordings/formats/wav.ts';
import { grouped, type StreamSample, type Trials, unseenPeople } from '../stream-eval/class-stream.ts';
import { classTask } from './class-task.ts';

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const RATE = 8000;
const [FRAME, HOP, FILTERS, SLICES] = [256, 80, 20, 10];
/** Frames below this part of the loudest are silence before and after the word. */
const SILENCE = 1e-3;
/** Added to a filter, as a part of the loudest one of the word. */
const FLOOR = 1e-5;
const LEAST_SAMPLES = 600;
const MOST_PEOPLE = 1000;

const stages = [
  { type: 'window', parameters: { length: FRAME, hop: HOP } },
  { type: 'filterbank', parameters: { sampleRate: RATE, low: 100, high: 3800, filters: FILTERS } },
];

/**
 * Ten spoken digits of speakers whom the base has never heard (Free Spoken Digit Dataset). A word is cut out of its
 * silence and stretched to ten slices of 20 mel filters, with its loudest at 0, and the logarithm of its length. Trap:
 * the official split has all speakers on both sides. The words of a speaker come in an order by chance.
 */
export const fsdd = classTask({
  name: 'fsdd',
  summary: 'ten spoken digits, of a speaker who is not in the first part (Free Spoken Digit Dataset)',
  data: 'fsdd',
  labels: 0.1,
  metric: 'accuracy',
  load: loadFsdd,
});

/**
 * The same behind a front that was trained on the speakers of the base. What stands here was chosen by two of the four
 * speakers of our data, jackson and nicolas.
 */
export const fsddTrained = classTask({
  ...fsdd,
  name: 'fsdd-trained',
  summary: 'the same, with layers before the output layer that were trained, not random',
  trained: {
    net: { arch: '400-10', steps: 32, epochs: 8, batch: 64, dropout: 0.2 },
    noisy: { copies: 2, deviation: 0.8 },
    decoder: { selfTraining: 0.1, drift: 'none' },
  },
});

async function loadFsdd(folder: string, seed: number): Promise<Trials> {
  const pattern = /^(\d)_([^_]+)_(\d+)\.wav$/;
  const expected = '{digit}_{speaker}_{index}.wav';
  const files = await filesIn(`${folder}/recordings`, pattern, expected).catch(() =>
    filesIn(folder, pattern, expected),
  );
  const words: StreamSample[] = [];
  for (const { path, parts } of files) {
    words.push({ label: Number(parts[0]), segment: parts[1]!, values: featuresOf(await samplesOf(path)) });
  }
  const speakers = grouped(words, ({ segment }) => segment);
  const random = new RandomGenerator(seed, 'order of words');
  for (const [speaker, own] of speakers) speakers.set(speaker, shuffled(own, random));
  return { classes: DIGITS, trials: unseenPeople(folder, speakers, MOST_PEOPLE) };
}

/** The samples of a WAV file of one channel and 8 kHz, −1 … 1. Rejects with `file`. */
async function samplesOf(path: string): Promise<Float32Array> {
  const { samples, rate } = stretchOf(path, await bytesOf(path));
  if (samples.length === 1 && rate === RATE) return samples[0]!;
  throw new SpikewireError('file', path, `has ${samples.length} channels at ${rate} Hz`, `one at ${RATE} Hz`);
}

function featuresOf(samples: Float32Array): Float64Array {
  const chain = new FeatureChain('word', stages, FILTERS);
  const frames: Float64Array[] = [];
  const reading = new Float64Array(1);
  for (let k = 0; k < Math.max(samples.length, LEAST_SAMPLES); k++) {
    reading[0] = samples[k] ?? 0;
    if (chain.take(reading)) frames.push(chain.values.slice());
  }
  const energies = frames.map((frame) => frame.reduce((sum, energy) => sum + energy, 0));
  const least = SILENCE * Math.max(...energies);
  const isLoud = (energy: number) => energy >= least;
  const word = frames.slice(energies.findIndex(isLoud), energies.findLastIndex(isLoud) + 1);
  const loudest = Math.max(...word.flatMap((frame) => Array.from(frame)), 1e-12);
  const levels = word.map((frame) =>
    frame.map((energy) => Math.log((energy + FLOOR * loudest) / (loudest * (1 + FLOOR)))),
  );
  return Float64Array.of(...stretched(levels), Math.log(word.length));
}

/** Means of ten slices of equal length, of at least one frame each. */
function stretched(frames: readonly Float64Array[]): number[] {
  return Array.from({ length: SLICES }, (_, slice) => {
    const from = Math.floor((slice * frames.length) / SLICES);
    const to = Math.max(from + 1, Math.ceil(((slice + 1) * frames.length) / SLICES));
    const own = frames.slice(from, to);
    return Array.from({ length: FILTERS }, (_, j) => own.reduce((sum, frame) => sum + frame[j]!, 0) / own.length);
  }).flat();
}
