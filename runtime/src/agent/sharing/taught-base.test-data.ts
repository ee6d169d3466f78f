import { join } from 'node:path';
import { clockedEngine } from '@spikewire/engine';
import { OutputStage } from '@spikewire/engine/coding';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, RandomGenerator, writeModel } from '@spikewire/models';
import { openSession } from '../../session/kept/open-session.ts';
import { type NetModel, readNetModel } from '../../session/net-model.ts';
import { NetPool } from '../../session/pool/net-pool.ts';
import { readSessionState } from '../../session/session-state.ts';
import { LEARNED_FOLDER, UPDATE_FOLDER } from '../backup/machine-folders.ts';
import { Bases } from '../update/bases.ts';
import { Journal } from '../update/journal.ts';
import type { SharableMachine } from './sharing.ts';

export const CLASSES = ['off', 'on', 'idle'];
const MEANS = [
  [-1, 0],
  [1, 0],
  [0, 1.5],
];

/** Readings of a machine whose sensor is off by so much; the class of reading k is k % 3. */
export function readingOf(k: number, seed: string, shift = 0) {
  const random = new RandomGenerator(k, seed);
  const values = Float64Array.from(MEANS[k % 3]!, (mean) => Math.fround(mean + shift + 0.5 * random.nextNormal()));
  return { time: 1000 * (k + 1), values };
}

export const labelOf = (k: number) => CLASSES[k % 3]!;

function untaught(seed: number) {
  const channels = ['x', 'y'].map((name) => ({ name, unit: '' }));
  const standardise = { mean: [0, 0], deviation: [1, 1] };
  return classifierModel({ channels, labels: CLASSES, standardise, running: false, neurons: 24, seed });
}

/** A model file that knows three classes by so many lessons. */
export async function taughtBase(seed = 1, lessons = 30): Promise<Uint8Array> {
  const model = untaught(seed);
  const net = readNetModel(writeModel(model));
  const session = await openSession(net, inProcess(clockedEngine), {});
  for (let k = 0; k < lessons; k++) {
    await session.feed(readingOf(k, `base ${seed}`));
    await session.teach({ kind: 'label', label: labelOf(k), time: undefined });
  }
  await session.settle();
  const output = new OutputStage(model, net.graph, 1);
  readSessionState(await session.save(), output.state, {}, output.size).apply();
  await session.close();
  return writeModel({ ...model, base: output.base! });
}

/** A model file of the same form that knows nothing yet. */
export const UNTAUGHT = writeModel(untaught(1));

export interface TaughtMachine {
  readonly name?: string;
  readonly seed?: string;
  readonly shift?: number;
  /** Which label people give reading k; those of its class. */
  readonly label?: (k: number) => string;
}

export function sharable(folder: string, name = 'pump'): SharableMachine {
  const place = { name, learned: join(folder, name, LEARNED_FOLDER), update: join(folder, name, UPDATE_FOLDER) };
  return { ...place, model: 'pump', channel: 'stable', share: undefined };
}

/** A machine as an agent leaves it, which runs the base. */
export async function installed(folder: string, base: Uint8Array, name = 'pump'): Promise<SharableMachine> {
  const machine = sharable(folder, name);
  const sha256 = await new Bases(join(machine.update, 'bases')).keep(base);
  const journal = await Journal.open(join(machine.update, 'journal'));
  const { digest } = readNetModel(base);
  await journal.write({
    current: { sha256, digest, name: 'stable/pump.spike', carrying: null, since: '2026-12-01T00:00:00.000Z' },
  });
  await journal.close();
  return machine;
}

/** Readings k from … of which people label each. */
export async function teach(
  { learned }: SharableMachine,
  base: Uint8Array,
  [from, count]: readonly [number, number],
  { seed = 'lessons', shift = 0, label = labelOf }: TaughtMachine = {},
): Promise<void> {
  const pool = new NetPool(base, inProcess(clockedEngine), { directory: learned, keepLessons: true });
  for (let k = from; k < from + count; k++) {
    await pool.use('', (kept) => kept.feed(readingOf(k, seed, shift)));
    await pool.use('', (kept) => kept.teach({ kind: 'label', label: label(k), time: undefined }));
  }
  await pool.close();
}

/** Answers of the model to readings of a machine: the share that is right. */
export async function accuracyOn(net: NetModel, count: number, seed: string, shift = 0): Promise<number> {
  const session = await openSession(net, inProcess(clockedEngine), { learning: false });
  let right = 0;
  for (let k = 0; k < count; k++) {
    const { result, likeliest } = await session.feed(readingOf(k, seed, shift));
    if ((likeliest ?? result) === labelOf(k)) right++;
  }
  await session.close();
  return right / count;
}
