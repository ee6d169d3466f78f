import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import type { Updates } from '../../desk/updates.ts';
import type { Host, HostedModel } from '../../host/index.ts';
import { memoryOfMachine } from '../../memory-limit.ts';
import type { CarryOver } from '../../session/kept/state-keeper.ts';
import { type NetModel, readNetModel } from '../../session/net-model.ts';
import { FolderInUseError } from '../../store/index.ts';
import { ControlSocket } from '../control/control-socket.ts';
import type { UpdateRequest } from '../control/protocol.ts';
import type { LiveValues } from '../fleet/live.ts';
import type { MachineOrder } from '../fleet/orders.ts';
import type { MachineReport } from '../fleet/report.ts';
import { RepositoryClient } from '../repository/client.ts';
import type { Wish } from '../repository/offer.ts';
import { sourceOfRepository } from '../repository/source.ts';
import { trustIn } from '../repository/trust-folder.ts';
import { Bases } from '../update/bases.ts';
import { Journal, type JournalEntry, type UpdateState } from '../update/journal.ts';
import type { NamedBase, UpdatedHost } from '../update/ports.ts';
import { startingBase } from '../update/starting-base.ts';
import { statusOf, type UpdateStatus } from '../update/status.ts';
import { type UpdateRules, Updater } from '../update/updater.ts';
import { HostActivity } from './host-activity.ts';
import { CarriedNets, HostedUpdate, type UpdatableHost } from './hosted-update.ts';
import { machineReport } from './machine-report.ts';
import { RepositoryUpdates } from './repository-updates.ts';

export interface AgentOptions {
  /** Of the agent: its journal, the files of bases, and what it trusts. */
  readonly folder: string;
  /** Address of the repository: a URL or a folder. */
  readonly repository: string;
  /** The root that the repository's owner gave; needed until the folder has one. */
  readonly root?: Uint8Array | undefined;
  readonly wish: Wish;
  /** The model file that the process was given. */
  readonly given?: NamedBase | undefined;
  /** This program's version. */
  readonly version: string;
  readonly rules?: UpdateRules | undefined;
  /** Bytes a second that a download may take. */
  readonly rate?: number | undefined;
  /** Bytes that all nets may take together. */
  readonly memory?: number | undefined;
  /** Threads of the host: with 0 the agent has none either. Default 1. */
  readonly threads?: number | undefined;
  readonly seed?: number | undefined;
  /** What a controller wants, see {@link UpdaterOptions}. */
  readonly orders?: (() => MachineOrder | undefined) | undefined;
  /** Where the device stands with its controller, see {@link Updates}. */
  readonly controller?: Updates['controller'];
  /** Told of each state of an update when it is durable. */
  readonly entered?: (state: UpdateState) => void;
  readonly say?: (line: string) => void;
  readonly warn?: (line: string) => void;
}

/**
 * Updates the base of one host from a signed repository. Which base runs is decided when the agent opens, before the
 * host does; `begin` then keeps it up to date.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #journal: Journal;
  readonly #bases: Bases;
  readonly #nets: CarriedNets;
  readonly #memory: number;
  #base: NamedBase | undefined;
  #updater: Updater | undefined;
  #control: ControlSocket | undefined;
  #activity: HostActivity | undefined;

  /**
   * Rejects where the file that was given is wrong, and where another process holds the folder. Where the folder cannot
   * be used, undefined: a warning says that there are no updates until the next start.
   */
  static async open(options: AgentOptions): Promise<Agent | undefined> {
    const { folder, given, memory = memoryOfMachine(), warn } = options;
    let journal: Journal;
    try {
      journal = await Journal.open(join(folder, 'journal'));
    } catch (failure) {
      if (failure instanceof FolderInUseError) throw failure;
      warn?.(`update: ${(failure as Error).message}; there are no updates until the next start`);
      return undefined;
    }
    try {
      const bases = new Bases(join(folder, 'bases'));
      const digestOf = (bytes: Uint8Array) => readNetModel(bytes, memory, true).digest;
      const base = await startingBase({ journal, bases, given, digestOf, ...(warn && { warn }) });
      const agent = new Agent(options, journal, bases, memory, base);
      await agent.#goOn();
      return agent;
    } catch (failure) {
      await journal.close().catch(() => {}); // the first failure is the one to report
      throw failure;
    }
  }

  private constructor(
    options: AgentOptions,
    journal: Journal,
    bases: Bases,
    memory: number,
    base: NamedBase | undefined,
  ) {
    this.#options = options;
    this.#journal = journal;
    this.#bases = bases;
    this.#memory = memory;
    this.#base = base;
    const { threads, warn } = options;
    this.#nets = new CarriedNets({ memory, threads, ...(warn && { warn }) });
  }

  /** The base to run; undefined where none was given and none fetched yet. */
  get base(): HostedModel | undefined {
    return this.#base;
  }

  /** For the host: what becomes of what nets have learned on another base. */
  get onNewModel(): CarryOver {
    return this.#nets.carryOver;
  }

  /** Nets that had not run since the last swap come over when they do. */
  async #goOn(): Promise<void> {
    const { current, former } = this.#journal.entry;
    if (this.#base === undefined || !current?.carrying || former === null) return;
    const [before, now] = [await this.#read(former.sha256), readNetModel(this.#base.bytes, this.#memory, true)];
    if (before !== undefined) this.#nets.begin({ former: before, next: now, carrying: current.carrying });
  }

  async #read(sha256: string): Promise<NetModel | undefined> {
    return this.#bases.read(sha256).then(
      (bytes) => readNetModel(bytes, this.#memory, true),
      () => undefined, // what was learned on it stays aside
    );
  }

  /** Waits for a first base from the repository; resolves at once where there is one. */
  async fetchBase(signal: AbortSignal): Promise<void> {
    if (this.#base !== undefined) return;
    this.#options.say?.('update: there is no model yet; waiting for the first one from the repository');
    const updater = this.#newUpdater(new NoHost(this.#memory));
    this.#updater = updater;
    await this.#listen();
    try {
      await updater.runUntil(() => this.#journal.entry.current !== null, signal);
    } finally {
      this.#updater = undefined;
      await updater.stop();
    }
    const { current } = this.#journal.entry;
    if (current !== null) this.#base = { bytes: await this.#bases.read(current.sha256), name: current.name };
  }

  /** Keeps the base of the host up to date, which has opened with `base` and `onNewModel`. */
  async begin(host: UpdatableHost & Partial<Pick<Host, 'desk'>>): Promise<void> {
    const { warn, orders } = this.#options;
    if (orders !== undefined && host.desk !== undefined) this.#activity = new HostActivity(host.desk);
    const options = { memory: this.#memory, ...(warn && { warn }) };
    this.#updater = this.#newUpdater(new HostedUpdate(host, this.#base!.bytes, this.#nets, options));
    this.#updater.begin();
    await this.#listen();
  }

  /** From now on people can ask this process. */
  async #listen(): Promise<void> {
    const { folder, warn } = this.#options;
    try {
      this.#control ??= await ControlSocket.open(folder, (request) => this.carryOut(request));
    } catch (failure) {
      warn?.(`update: ${(failure as Error).message}; "spikewire agent" cannot talk to this process`);
    }
  }

  #newUpdater(host: UpdatedHost): Updater {
    const { folder, repository, root, wish, version, rate, rules, seed = 1, entered, say, warn } = this.#options;
    const { orders } = this.#options;
    const source = sourceOfRepository(repository);
    const trusted = trustIn(folder);
    const client = new RepositoryClient({ source, folder: trusted, ...(root && { root }) });
    const updates = new RepositoryUpdates({ client, source, wish, folder: this.#bases.folder, version, rate });
    return new Updater({
      ...{ journal: this.#journal, bases: this.#bases, source: updates, host, memory: this.#memory },
      // Machines that start together do not look together.
      random: new RandomGenerator(seed, `update ${createHash('sha256').update(folder).digest('hex')}`),
      ...(rules && { rules }),
      ...{ orders },
      ...(entered && { entered }),
      ...(say && { say }),
      ...(warn && { warn }),
    });
  }

  /** Does what a person asks, and gives the status after it. Rejects with `usage` where that cannot be now. */
  async carryOut(request: UpdateRequest): Promise<UpdateStatus> {
    const updater = this.#updater;
    if (updater === undefined) throw new SpikewireError('usage', 'update', 'is not ready', 'a moment later');
    return carryOut(updater, request);
  }

  /** The updates of the host, or of the first model that it waits for; undefined before. */
  get updater(): Updater | undefined {
    return this.#updater;
  }

  get entry(): JournalEntry {
    return this.#journal.entry;
  }

  /** What the machine tells a controller; undefined before its updates begin. */
  report(machine: string): MachineReport | undefined {
    return this.#updater && machineReport(machine, this.#options.wish, this.#updater, this.#activity?.figures);
  }

  /** What the machine shows to people who look at the device; undefined where it does not run, or has no controller. */
  get live(): LiveValues | undefined {
    return this.#activity?.live;
  }

  get status(): UpdateStatus | undefined {
    return this.#updater && statusOf(this.#updater);
  }

  /** For the host, so that people can see and decide them on its page and by messages. */
  get updates(): Updates {
    return {
      controller: this.#options.controller,
      status: () => this.status,
      carryOut: async (order) => void (await this.carryOut(order)),
    };
  }

  /** Ends what runs beside. To be called before the host closes. */
  async close(): Promise<void> {
    await this.#control?.close();
    await this.#updater?.stop();
    await this.#journal.close();
  }
}

/** For which a person waits until what was asked has begun. */
const LONGEST_BEGINNING_MS = 3000;

/** Does what a person asks, and gives the status when that has begun. */
async function carryOut(updater: Updater, request: UpdateRequest): Promise<UpdateStatus> {
  const { action } = request;
  const { state, pinned } = updater.entry;
  const begins =
    action === 'approve' || action === 'rollback' || (state === 'idle' && !pinned && LOOKS.includes(action));
  const begun = begins && updater.nextState(LONGEST_BEGINNING_MS);
  if (action === 'look') updater.lookNow();
  else if (action === 'approve') await updater.approve(request.carrying);
  else if (action === 'rollback') await updater.rollback();
  else if (action === 'retry') await updater.retry(request.model);
  else if (action !== 'status') await updater.pin(action === 'pin');
  await begun;
  return statusOf(updater);
}

/** What makes a device look at its repository. */
const LOOKS: readonly UpdateRequest['action'][] = ['look', 'retry'];

/** Nothing runs yet. */
class NoHost implements UpdatedHost {
  readonly #memory: number;

  constructor(memory: number) {
    this.#memory = memory;
  }

  describe(bytes: Uint8Array) {
    return { digest: readNetModel(bytes, this.#memory, true).digest, possible: ['reset'] as const };
  }

  async watch(): Promise<readonly []> {
    return [];
  }

  figures() {
    return new Map();
  }

  async unwatch(): Promise<void> {}

  replace(_: NamedBase, __: unknown, commit: () => Promise<void>): Promise<void> {
    return commit();
  }
}
