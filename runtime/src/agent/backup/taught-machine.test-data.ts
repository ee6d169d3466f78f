import { join } from 'node:path';
import { clockedEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { readNetModel } from '../../session/net-model.ts';
import { NetPool } from '../../session/pool/net-pool.ts';
import { Bases } from '../update/bases.ts';
import { Journal } from '../update/journal.ts';
import { LEARNED_FOLDER, type MachineFolders, UPDATE_FOLDER } from './machine-folders.ts';

const channels = [{ name: 'level', unit: 'm' }];
export const MODEL = writeModel(nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } }));

export function foldersOf(folder: string, name: string): MachineFolders {
  return { name, learned: join(folder, name, LEARNED_FOLDER), update: join(folder, name, UPDATE_FOLDER) };
}

/** What the machine answers to readings k, k + 1, …, as text. */
export async function feed({ learned }: MachineFolders, from: number, count: number): Promise<string> {
  const pool = new NetPool(MODEL, inProcess(clockedEngine), { directory: learned });
  const answers: unknown[] = [];
  for (let k = from; k < from + count; k++) {
    const reading = { time: 1000 * k, values: Float64Array.of(Math.sin(k / 5)) };
    const { sequence, result, error } = await pool.use('', (kept) => kept.feed(reading));
    answers.push({ sequence, result, error });
  }
  await pool.close();
  return JSON.stringify(answers);
}

/** A machine as an agent leaves it, which has learned from fifty readings. */
export async function taughtMachine(folder: string, name: string): Promise<MachineFolders> {
  const folders = foldersOf(folder, name);
  const sha256 = await new Bases(join(folders.update, 'bases')).keep(MODEL);
  const journal = await Journal.open(join(folders.update, 'journal'));
  const { digest } = readNetModel(MODEL);
  const current = { sha256, digest, name: `stable/${name}.spike`, carrying: null, since: '2026-12-01T00:00:00.000Z' };
  await journal.write({ current });
  await journal.close();
  await feed(folders, 0, 50);
  return folders;
}
