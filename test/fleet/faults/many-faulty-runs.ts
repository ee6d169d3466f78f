import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestPostgres } from '../../postgres.ts';
import { runWithFaults } from './faulty-run.ts';
import type { Moment, RunHistory } from './history.ts';
import { judge, type Violation } from './judge.ts';

export interface JudgedRun {
  readonly seed: number;
  readonly history: RunHistory;
  readonly violations: readonly Violation[];
}

/** A run on a new file, or on a new database of the server, and what the judge says of it. */
export async function judgedRun(seed: number, server?: TestPostgres): Promise<JudgedRun> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-faults-'));
  try {
    const address = server === undefined ? join(folder, 'controller.db') : await newDatabase(server, `run_${seed}`);
    const history = await runWithFaults({ seed, address });
    return { seed, history, violations: judge(history) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function newDatabase({ address }: TestPostgres, name: string): Promise<string> {
  const client = new pg.Client(address);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return address.replace(/[^/]*$/, name);
}

/** What was done and what failed in runs. */
export class Tally {
  readonly counts: Record<string, number> = {};

  add({ history: { moments, end }, violations }: JudgedRun): void {
    this.#count('runs');
    for (const { phase } of end.rollouts) this.#count(`rollouts ${phase}`);
    this.#count('devices', end.devices.length);
    for (const moment of moments) this.#count(nameOf(moment));
    this.#count('violations', violations.length);
  }

  #count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
}

function nameOf(moment: Moment): string {
  if (moment.kind === 'committed') return `committed ${moment.operation?.kind}`;
  if (moment.kind === 'done') return `${moment.action} ${moment.problem === undefined ? 'done' : 'refused or lost'}`;
  if (moment.kind === 'fault')
    return moment.what
      .replace(/controller \S+ says: [0-9a-f]+/, 'controller says')
      .replace(/[0-9a-f]{32}/, 'device')
      .replace(/(one|two)-\d+-\d+/, '…');
  return moment.kind === 'entered' ? `entered ${moment.state}` : moment.kind;
}

/** A moment in one line; what a report or rows say is shortened. */
export function traceOf(moment: Moment, number: number): string {
  const { at, kind, ...rest } = moment;
  const text = JSON.stringify(rest, (name, value) => (name === 'plan' || name === 'report' ? undefined : value));
  return `${number} ${(at / 60_000).toFixed(1)} min ${kind} ${text.slice(0, 600)}`;
}
