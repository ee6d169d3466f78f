import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { Plan } from './plan.ts';

/** What `cluster.json` in the folder of a cluster says. */
export interface ClusterState {
  /** `postgres://…`, or the file of SQLite. */
  readonly database: string;
  /** `mqtt://…`, one for each node. */
  readonly brokers: readonly string[];
  /** With trailing slash. */
  readonly controllers: readonly { readonly address: string; readonly pid: number | undefined }[];
  /** Process of each part that was started, even if it has ended since. */
  readonly parts: Readonly<Record<string, number>>;
  /** With the token of the administrator. */
  readonly tokenFile: string;
  readonly plan: Plan;
}

const fileIn = (folder: string) => join(folder, 'cluster.json');

/** Whole at any moment. */
export function writeState(folder: string, state: ClusterState): void {
  const part = `${fileIn(folder)}.part`;
  writeFileSync(part, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(part, fileIn(folder));
}

/** Throws `usage` where there is no cluster of this user. */
export function readState(folder: string): ClusterState {
  const state = stateIn(folder);
  if (state !== undefined) return state;
  throw new SpikewireError('usage', folder, 'has no cluster', 'the folder of "cluster.mjs up"');
}

/** Undefined where there is none. Throws `usage` where the folder is another user's, who could name any process. */
export function stateIn(folder: string): ClusterState | undefined {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  if (owner === undefined) return undefined;
  if (owner !== process.getuid?.()) throw new SpikewireError('usage', folder, 'belongs to another user', 'your own');
  try {
    return JSON.parse(readFileSync(fileIn(folder), 'utf8'));
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure;
  }
}
