import { RandomGenerator, SpikewireError, shuffled } from '@spikewire/models';
import { bytesOf, filesIn, shortsOf } from '../files/folder.ts';
import { grouped, type StreamSample, type Trials, unseenPeople } from '../stream-eval/class-stream.ts';
import { classTask } from './class-task.ts';

/** Classes of AAMI EC57, and the annotation codes of the database that each has. */
const CLASSES = ['N', 'S', 'V', 'F', 'Q'];
const CODES: readonly (readonly number[])[] = [[1, 2, 3, 34, 11], [4, 7, 8, 9], [5, 10], [6], [12, 38, 13]];
const RATE = 360;
/** Samples before and after a beat, and how many of them are one point. */
const [BEFORE, AFTER, POINT] = [90, 150, 6];
const POINTS = (BEFORE + AFTER) / POINT;
const FOLDS = 2;
/** Of one class from one patient in the base: some have two thousand normal beats, some ten others. */
const MOST_OF_A_CLASS = 250;

/**
 * Heart beats of patients whom the base has never seen (MIT-BIH Arrhythmia Database, Moody and Mark 2001), every other
 * patient, in classes N, S, V, F and Q of AAMI EC57. Annotated positions of beats; an answer has one beat of latency,
 * as it sees the interval behind it. Traps: a split by beats would know the patient, and accuracy is near that of
 * always N, so the figure is the macro F1 of a patient over the classes that he has ten beats of.
 */
export const mitdb = classTask({
  name: 'mitdb',
  summary: 'kinds of heart beats of a patient who is not in the first part (Moody and Mark 2001)',
  data: 'mitdb',
  labels: 0.1,
  metric: 'f1macro',
  pooled: ['N', 'S', 'V', 'F'],
  weighted: true,
  load: loadMitdb,
});

async function loadMitdb(folder: string, seed: number): Promise<Trials> {
  const files = await filesIn(folder, /^(\d+)\.d16(\.gz)?$/, 'NNN.d16.gz and NNN.atr');
  const patients = new Map<string, StreamSample[]>();
  for (const { path, parts } of files) {
    const beats = beatsOf(await bytesOf(`${folder}/${parts[0]}.atr`), `${folder}/${parts[0]}.atr`);
    patients.set(parts[0]!, samplesOf(voltageOf(await shortsOf(path)), beats, `patient ${parts[0]}`));
  }
  const random = new RandomGenerator(seed, 'beats of the base');
  const some = (samples: readonly StreamSample[]) =>
    [...grouped(samples, ({ label }) => label).values()].flatMap((own) =>
      shuffled(own, random).slice(0, MOST_OF_A_CLASS),
    );
  return { classes: CLASSES, trials: unseenPeople(folder, patients, FOLDS, some) };
}

/** mV from first differences in ADC units, less the mean of the second around each sample. */
function voltageOf(differences: Int16Array): Float64Array {
  const sums = new Float64Array(differences.length + 1);
  const voltage = new Float64Array(differences.length);
  let value = 0;
  for (let k = 0; k < differences.length; k++) {
    value += differences[k]!;
    voltage[k] = (value - 1024) / 200;
    sums[k + 1] = sums[k]! + voltage[k]!;
  }
  return voltage.map((here, k) => {
    const [from, to] = [Math.max(0, k - RATE / 2), Math.min(voltage.length, k + RATE / 2)];
    return here - (sums[to]! - sums[from]!) / (to - from);
  });
}

interface Beat {
  readonly at: number;
  readonly label: number;
}

/** The beats of an annotation file in the format of the database: words of 6 bits of code and 10 of time. */
export function beatsOf(bytes: Buffer, path: string): Beat[] {
  const damaged = () => new SpikewireError('file', path, 'ends within an annotation', 'annotations of MIT format');
  const word = (k: number) => {
    if (2 * k + 1 >= bytes.length) throw damaged();
    return bytes.readUInt16LE(2 * k);
  };
  const beats: Beat[] = [];
  let at = 0;
  for (let k = 0; ; ) {
    const [code, number] = [word(k) >> 10, word(k) & 1023];
    k++;
    if (code === 0 && number === 0) return beats;
    if (code === 59) {
      // A long interval: its high word first.
      at += word(k) * 65536 + word(k + 1);
      k += 2;
    } else if (code === 63) k += (number + 1) >> 1;
    else if (code < 60) {
      at += number;
      const label = CODES.findIndex((codes) => codes.includes(code));
      if (label >= 0) beats.push({ at, label });
    }
  }
}

/**
 * 40 points of a beat, divided by the running amplitude of the beats so far, and four intervals between beats: before
 * and after it as parts of their running mean and of each other, and the mean itself, as logarithms.
 */
function samplesOf(voltage: Float64Array, beats: readonly Beat[], segment: string): StreamSample[] {
  const samples: StreamSample[] = [];
  const interval = (k: number) => Math.max(0.05, (beats[k]!.at - beats[k - 1]!.at) / RATE);
  let mean: number | undefined;
  let amplitude: number | undefined;
  for (let k = 2; k < beats.length - 1; k++) {
    const [earlier, before, after] = [interval(k - 1), interval(k), interval(k + 1)];
    mean = mean === undefined ? before : 0.95 * mean + 0.05 * Math.min(2, Math.max(0.3, before));
    const start = beats[k]!.at - BEFORE;
    if (start < 0 || start + BEFORE + AFTER > voltage.length) continue;
    const points = Array.from({ length: POINTS }, (_, j) => meanOf(voltage, start + j * POINT));
    const peak = Math.max(...points.map(Math.abs));
    amplitude = amplitude === undefined ? peak : 0.98 * amplitude + 0.02 * Math.min(peak, 2 * amplitude);
    const scaled = points.map((point) => point / (amplitude! + 0.05));
    const rhythm = [before / mean, after / mean, before / earlier, mean].map(Math.log);
    samples.push({ label: beats[k]!.label, segment, values: Float64Array.of(...scaled, ...rhythm) });
  }
  return samples;
}

function meanOf(voltage: Float64Array, from: number): number {
  let sum = 0;
  for (let k = from; k < from + POINT; k++) sum += voltage[k]!;
  return sum / POINT;
}
