import { access } from 'node:fs/promises';
import { FeatureChain, RandomGenerator, SpikewireError, shuffled } from '@spikewire/models';
import { bytesOf, floatsOf } from '../files/folder.ts';
import type { StreamSample, Trials } from '../stream-eval/class-stream.ts';
import { classTask } from './class-task.ts';

/** Where the fault is. */
const FAULTS = ['ball', 'inner race', 'outer race'];
const LETTERS = ['B', 'I', 'O'];
const RATE = 12_000;
const BLOCK = 2048;
const RESOLUTION = RATE / BLOCK;

const bands = (type: string, low: number, high: number, count: number) => ({
  type,
  parameters: { sampleRate: RATE, low: low * RESOLUTION, high: high * RESOLUTION, bands: count },
});
const [LINES, SLOW_LINES] = [64, 16];
/** The spectrum, that of the envelope (impacts come at tens to hundreds per second), strength and form. */
const stages = [
  { type: 'block', parameters: { length: BLOCK } },
  { type: 'window', parameters: { length: BLOCK } },
  [
    bands('band-energies', 2, 1024, LINES),
    bands('envelope-energies', 1, 65, SLOW_LINES),
    { type: 'standard-deviation', parameters: {} },
    { type: 'kurtosis', parameters: {} },
  ],
  { type: 'logarithm', parameters: { floor: 1e-10 } },
];

interface Block extends StreamSample {
  readonly load: number;
  readonly size: number;
}

/**
 * Three places of a fault in a bearing by its vibration, of a size that the base has never seen (Case Western Reserve
 * University, drive end, 12 kHz). Trap: blocks of one recording are alike, and so are recordings under other loads;
 * only another fault (another size) says what would happen with a new machine.
 */
export const cwru = classTask({
  name: 'cwru',
  summary: 'place of a bearing fault, of a size that is not in the first part (Case Western Reserve University)',
  data: 'cwru',
  labels: 0.1,
  metric: 'accuracy',
  load: loadNewSize,
});

/** Ten faults under another load: a sanity check, which everything passes. */
export const cwruLoad = classTask({
  name: 'cwru-load',
  summary: 'kind and size of a bearing fault, under a load that is not in the first part: a sanity check',
  data: 'cwru',
  labels: 0.1,
  metric: 'accuracy',
  load: loadNewLoad,
});

async function loadNewSize(folder: string, seed: number): Promise<Trials> {
  const random = new RandomGenerator(seed, 'order of blocks');
  const blocks = await readBlocks(folder);
  const lowest = Math.min(...blocks.map(({ load }) => load));
  const sizes = [...new Set(blocks.map(({ size }) => size))].sort((a, b) => a - b);
  // A size that not all three places have could be told by what is missing.
  const whole = sizes.filter((size) =>
    FAULTS.every((_, label) => blocks.some((b) => b.size === size && b.label === label)),
  );
  const trials = whole.map((size) => {
    const own = blocks.filter((candidate) => candidate.size === size);
    const loads = [...new Set(own.map(({ load }) => load))].sort((a, b) => a - b);
    const samples = loads.flatMap((load) =>
      shuffled(
        own.filter((candidate) => candidate.load === load),
        random,
      ),
    );
    const base = blocks.filter((candidate) => candidate.size !== size && candidate.load === lowest);
    return { name: `size ${size} mil`, base, streams: [{ name: `size ${size} mil`, samples }] };
  });
  if (trials.length >= 2) return { classes: FAULTS, trials };
  throw new SpikewireError('file', folder, `has ${trials.length} sizes in all places`, 'two sizes or more');
}

async function loadNewLoad(folder: string, seed: number): Promise<Trials> {
  const random = new RandomGenerator(seed, 'order of blocks');
  const blocks = await readBlocks(folder);
  const nameOf = ({ label, size }: Block) => `${FAULTS[label]} ${size} mil`;
  const classes = [...new Set(blocks.map(nameOf))];
  const named = blocks.map((own) => ({ ...own, label: classes.indexOf(nameOf(own)), segment: `load ${own.load}` }));
  const [lowest, ...loads] = [...new Set(blocks.map(({ load }) => load))].sort((a, b) => a - b);
  if (loads.length === 0) throw new SpikewireError('file', folder, 'has one load', 'two loads or more');
  const under = (load: number) =>
    shuffled(
      named.filter((own) => own.load === load),
      random,
    );
  const streams = [{ name: `loads ${loads.join(', ')}`, samples: loads.flatMap(under) }];
  return { classes, trials: [{ name: `from load ${lowest}`, base: under(lowest!), streams }] };
}

/** The faulty recordings that index.json names and that are there; those of a healthy machine have no size. */
async function readBlocks(folder: string): Promise<Block[]> {
  const blocks: Block[] = [];
  const chain = new FeatureChain('vibration', stages, LINES + SLOW_LINES + 2);
  for (const { file, fault, sizeMil, loadHp, samples } of await readIndex(folder)) {
    const label = LETTERS.indexOf(fault[0]!.toUpperCase());
    const path = `${folder}/${file}`;
    if (label < 0 || !(await isThere(path))) continue;
    const signal = await floatsOf(path);
    if (signal.length !== samples) {
      throw new SpikewireError('file', path, `has ${signal.length} samples`, `${samples}, as index.json says`);
    }
    const size = Number(sizeMil);
    for (let at = 0; at + BLOCK <= signal.length; at += BLOCK) {
      chain.take(signal.subarray(at, at + BLOCK));
      blocks.push({ label, size, load: loadHp, segment: `size ${size} mil`, values: chain.values.slice() });
    }
  }
  if (blocks.length > 0) return blocks;
  throw new SpikewireError('file', folder, 'has none of the recordings of its index.json', '*.f32.gz');
}

interface Recording {
  readonly file: string;
  readonly fault: string;
  readonly sizeMil: string;
  readonly loadHp: number;
  readonly samples: number;
}

async function readIndex(folder: string): Promise<readonly Recording[]> {
  const path = `${folder}/index.json`;
  const damaged = (cause?: unknown) =>
    new SpikewireError('file', path, 'is damaged', 'a list of file, fault, sizeMil, loadHp, samples', cause);
  let list: unknown;
  try {
    list = JSON.parse((await bytesOf(path)).toString('utf8'));
  } catch (cause) {
    throw cause instanceof SpikewireError ? cause : damaged(cause);
  }
  const isRecording = (entry: Partial<Recording> | null) =>
    typeof entry?.file === 'string' &&
    /^[^/\\]+$/.test(entry.file) &&
    typeof entry.fault === 'string' &&
    entry.fault !== '' &&
    (!LETTERS.includes(entry.fault[0]!.toUpperCase()) || Number.isFinite(Number(entry.sizeMil ?? Number.NaN))) &&
    Number.isFinite(entry.loadHp) &&
    Number.isFinite(entry.samples);
  if (!Array.isArray(list) || !list.every(isRecording)) throw damaged();
  return list as readonly Recording[];
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
