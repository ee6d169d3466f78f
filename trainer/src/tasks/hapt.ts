import { FeatureChain, SpikewireError } from '@spikewire/models';
import { filesIn, numbersOf, shortsOf } from '../files/folder.ts';
import { type StreamSample, type Trials, unseenPeople } from '../stream-eval/class-stream.ts';
import { classTask } from './class-task.ts';

/** The six that last; the postural transitions between them are left out. */
const ACTIVITIES = ['walking', 'walking upstairs', 'walking downstairs', 'sitting', 'standing', 'laying'];
/** Channels of the file, and the two magnitudes. */
const [RAW, CHANNELS] = [6, 8];
/** Of the sensor: g and rad/s per step of the numbers. */
const [ACCELERATION, ROTATION] = [1 / 720, 0.0003054326190990077];
const [LENGTH, HOP] = [128, 64];
/** Samples of a window that must be of one activity, of 128. */
const LEAST_OF_ONE = 77;
const FOLDS = 3;

const window = { type: 'window', parameters: { length: LENGTH, hop: HOP } };
const postures = [
  window,
  [
    { type: 'mean', parameters: {} },
    { type: 'slope', parameters: {} },
  ],
];
const movements = [
  window,
  [
    { type: 'standard-deviation', parameters: {} },
    // Six bands over the lines 1 to 40, for steps and impacts.
    { type: 'band-energies', parameters: { sampleRate: 50, low: 0.39, high: 15.7, bands: 6, spacing: 'log' } },
  ],
  { type: 'logarithm', parameters: { floor: 1e-6 } },
];

/**
 * Six activities by a phone at the waist, of people whom the base has never seen (Reyes-Ortiz et al. 2016, UCI 341).
 * Windows of 2.56 s, half of each new. Trap: windows of one person resemble each other, so that a split by windows
 * would test on people who are known. Order of time is kept: labels of neighbours are alike, which the last label
 * shows.
 */
export const hapt = classTask({
  name: 'hapt',
  summary: 'six activities of a person who is not in the first part (Reyes-Ortiz et al. 2016)',
  data: 'hapt',
  labels: 0.1,
  metric: 'accuracy',
  load: (folder) => loadHapt(folder, [1, 1]),
});

/** The same, and the new user wears the phone turned by 180° about the axis through its screen. */
export const haptTurned = classTask({
  name: 'hapt-turned',
  summary: 'the same, and the new person wears the phone turned by 180°',
  data: 'hapt',
  labels: 0.1,
  metric: 'accuracy',
  load: (folder) => loadHapt(folder, [1, -1]),
});

/** `signs`: what the first two axes of base and streams are multiplied with. */
async function loadHapt(folder: string, [base, turned]: readonly [number, number]): Promise<Trials> {
  const known = await readPeople(folder, base);
  const unseen = turned === base ? known : await readPeople(folder, turned);
  const trials = unseenPeople(
    folder,
    known,
    FOLDS,
    (samples) => samples,
    (_, user) => unseen.get(user)!,
  );
  return { classes: ACTIVITIES, trials };
}

async function readPeople(folder: string, sign: number): Promise<Map<string, StreamSample[]>> {
  const files = await filesIn(folder, /^exp(\d+)_user(\d+)\.i16(?:\.gz)?$/, 'expNN_userNN.i16.gz and labels.txt');
  const rows = await numbersOf(`${folder}/labels.txt`, 5);
  const people = new Map<string, StreamSample[]>();
  for (const { path, parts } of files) {
    const [experiment, user] = [Number(parts[0]), `user ${Number(parts[1])}`];
    const readings = readingsOf(await shortsOf(path, RAW), sign);
    const activities = new Int32Array(readings.length).fill(-1);
    for (const [run, , activity, first, last] of rows) {
      if (run === experiment) activities.fill(activity! - 1, first! - 1, last);
    }
    if (activities.every((activity) => activity < 0)) {
      throw new SpikewireError('file', `${folder}/labels.txt`, `has no entry for ${path}`, 'an activity at least');
    }
    people.set(user, [...(people.get(user) ?? []), ...windowsOf(readings, activities, user)]);
  }
  return people;
}

/** Acceleration in g, rotation in rad/s, the magnitudes of both. */
function readingsOf(numbers: Int16Array, sign: number): Float64Array[] {
  return Array.from({ length: numbers.length / RAW }, (_, k) => {
    const reading = new Float64Array(CHANNELS);
    for (let c = 0; c < RAW; c++) {
      const unit = c < 3 ? ACCELERATION : ROTATION;
      reading[c] = numbers[RAW * k + c]! * unit * (c % 3 < 2 ? sign : 1);
    }
    reading[6] = Math.hypot(reading[0]!, reading[1]!, reading[2]!);
    reading[7] = Math.hypot(reading[3]!, reading[4]!, reading[5]!);
    return reading;
  });
}

function windowsOf(readings: readonly Float64Array[], activities: Int32Array, segment: string): StreamSample[] {
  const posture = new FeatureChain('postures', postures, CHANNELS * 2);
  const movement = new FeatureChain('movements', movements, CHANNELS * 7);
  return readings.flatMap((reading, k) => {
    const complete = posture.take(reading);
    movement.take(reading);
    if (!complete) return [];
    const label = activityOf(activities.subarray(k + 1 - LENGTH, k + 1));
    return label < 0 ? [] : [{ label, segment, values: Float64Array.of(...posture.values, ...movement.values) }];
  });
}

/** The one that most of the window is of; −1 where that is too little, or none of the six. */
function activityOf(activities: Int32Array): number {
  const counts = new Int32Array(ACTIVITIES.length);
  for (const activity of activities) if (activity >= 0 && activity < counts.length) counts[activity]!++;
  const most = Math.max(...counts);
  return most < LEAST_OF_ONE ? -1 : counts.indexOf(most);
}
