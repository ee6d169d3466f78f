import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SpikewireError } from '@spikewire/models';
import { SPIKEWIRE } from './controller-part.ts';
import type { Part } from './part.ts';
import { type ClusterOptions, newPlan, type Plan, type PlannedParts, partsOf } from './plan.ts';
import { end, runs } from './processes.ts';
import { type ClusterState, readState, stateIn, writeState } from './state-file.ts';

const PATIENCE_MS = 120_000;
/** Each look at a node of NATS that is not ready makes it try to place its streams. */
const LOOK_MS = 500;

/** Tells how a part is, such as `nats-1` and `mqtt://127.0.0.1:23231 (0.4 s)`. */
export type Say = (name: string, what: string) => void;

export interface PartStatus {
  readonly name: string;
  readonly address: string;
  readonly pid: number | undefined;
  /** `silent`: its process runs and does not answer (yet). */
  readonly state: 'answers' | 'silent' | 'ended';
}

/**
 * PostgreSQL, a cluster of brokers and controllers as processes of this machine, which outlive the one that starts
 * them. They are known by a file in their folder; nothing is left when they are taken down.
 */
export class Cluster {
  readonly folder: string;
  readonly #say: Say;

  constructor(folder: string, say: Say = () => {}) {
    [this.folder, this.#say] = [resolve(folder), say];
  }

  /**
   * Starts everything, and resolves when each part answers; where one does not, all are taken down again. Rejects with
   * `usage` where a cluster runs already, or a program is not installed.
   */
  async up(options: ClusterOptions = {}): Promise<ClusterState> {
    const { folder } = this;
    await this.#expectNone();
    const plan = await newPlan(folder, options);
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o711); // the user of PostgreSQL goes through it
    const { database, brokers, controllers } = this.#parts(plan);
    writeState(folder, stateOf(folder, plan, partsOf(folder, plan)));
    try {
      if (options.repository === undefined) await makeRepository(plan.models!.repository, join(folder, 'keys'));
      await Promise.all([...(database ? [database] : []), ...brokers].map((part) => this.#start(part)));
      // The first one brings the tables, and has the token of the administrator.
      for (const controller of controllers) await this.#start(controller);
      return readState(folder);
    } catch (failure) {
      await this.down();
      throw failure;
    }
  }

  /** Ends everything in good order, at last the database, and removes the folder. Rejects with `usage` without one. */
  async down(): Promise<void> {
    const { database, brokers, controllers } = this.#parts(readState(this.folder).plan);
    for (const group of [controllers, brokers, database ? [database] : []])
      await Promise.all(group.map((part) => this.#end(part, part.signals.end)));
    await rm(this.folder, { recursive: true, force: true });
  }

  async status(): Promise<PartStatus[]> {
    const { plan, parts } = readState(this.folder);
    const looks = allOf(this.#parts(plan)).map(async ({ name, address, answers }): Promise<PartStatus> => {
      const isRunning = await this.#runs(parts[name]);
      const state = isRunning ? ((await answers()) ? 'answers' : 'silent') : 'ended';
      return { name, address, pid: isRunning ? parts[name] : undefined, state };
    });
    return Promise.all(looks);
  }

  /** Ends a part as a power failure would; all that is on the disk stays. Rejects with `usage` for an unknown one. */
  async kill(name: string): Promise<void> {
    const part = this.#part(name);
    if (!(await this.#runs(readState(this.folder).parts[name])))
      throw new SpikewireError('usage', name, 'has ended already', 'a part that runs');
    await this.#end(part, part.signals.kill);
    this.#say(name, 'killed');
  }

  /** Starts a part again at its old address. Rejects with `usage` where it runs, or is unknown. */
  async start(name: string): Promise<void> {
    const part = this.#part(name);
    if (await this.#runs(readState(this.folder).parts[name]))
      throw new SpikewireError('usage', name, 'runs already', 'a part that has ended');
    await this.#start(part);
  }

  async #expectNone(): Promise<void> {
    const state = stateIn(this.folder);
    if (state === undefined) {
      const names = await readdir(this.folder).catch(() => []); // there is none
      if (names.length > 0) throw new SpikewireError('usage', this.folder, 'has other files', 'an empty or new folder');
      return;
    }
    const running = await Promise.all(Object.values(state.parts).map((pid) => this.#runs(pid)));
    if (running.includes(true))
      throw new SpikewireError('usage', this.folder, 'has a cluster that runs already', '"cluster.mjs down" before');
    await rm(this.folder, { recursive: true }); // as the machine left it when it went down
  }

  async #start(part: Part): Promise<void> {
    const begun = performance.now();
    const pid = await part.start();
    const { plan, parts } = readState(this.folder);
    writeState(this.folder, stateOf(this.folder, plan, partsOf(this.folder, plan), { ...parts, [part.name]: pid }));
    while (!(await part.answers())) {
      const isLate = performance.now() - begun > PATIENCE_MS;
      if (isLate || !(await this.#runs(pid))) throw await failureOf(part, isLate);
      await delay(LOOK_MS);
    }
    this.#say(part.name, `${part.address} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  }

  async #end(part: Part, signal: NodeJS.Signals): Promise<void> {
    const pid = readState(this.folder).parts[part.name];
    if (pid !== undefined) await end(pid, this.folder, signal);
  }

  #runs(pid: number | undefined): Promise<boolean> {
    return runs(pid, this.folder);
  }

  #parts(plan: Plan): PlannedParts {
    return partsOf(this.folder, plan);
  }

  #part(name: string): Part {
    const parts = allOf(this.#parts(readState(this.folder).plan));
    const found = parts.find((part) => part.name === name);
    if (found !== undefined) return found;
    throw new SpikewireError('usage', name, 'is no part', parts.map((part) => part.name).join(', '));
  }
}

function allOf({ database, brokers, controllers }: PlannedParts): Part[] {
  return [...(database ? [database] : []), ...brokers, ...controllers];
}

function stateOf(folder: string, plan: Plan, planned: PlannedParts, parts: ClusterState['parts'] = {}): ClusterState {
  const { database, brokers, controllers } = planned;
  const first = join(folder, controllers[0]!.name);
  return {
    database: database?.address ?? join(first, 'controller.db'),
    brokers: brokers.map(({ address }) => address),
    controllers: controllers.map(({ name, address }) => ({ address, pid: parts[name] })),
    ...{ parts, tokenFile: join(first, 'administrator.token'), plan },
  };
}

async function makeRepository(repository: string, keys: string): Promise<void> {
  await promisify(execFile)(process.execPath, [SPIKEWIRE, 'fleet', 'init', repository, '--keys', keys]);
}

/** With what the part has said at last. */
async function failureOf({ name, log }: Part, isLate: boolean): Promise<Error> {
  const said = (await readFile(log, 'utf8')).trim().split('\n').at(-1);
  const problem = isLate ? `does not answer within ${PATIENCE_MS / 1000} s` : 'has ended';
  return new Error(`${name}: ${problem}; it said at last: ${said}`);
}
