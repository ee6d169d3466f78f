import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { SharedSecret } from '../../desk/shared-secret.ts';
import type { Updates } from '../../desk/updates.ts';
import type { BrokerConfiguration, Host, HostConfiguration } from '../../host/index.ts';
import { withCleanup } from '../../session/cleanup.ts';
import { LEARNED_FOLDER, type MachineFolders, UPDATE_FOLDER } from '../backup/machine-folders.ts';
import type { UpdateRequest } from '../control/protocol.ts';
import { shortText } from '../fleet/device-report.ts';
import type { LiveValues } from '../fleet/live.ts';
import type { MachineOrder } from '../fleet/orders.ts';
import type { MachineReport } from '../fleet/report.ts';
import { Agent } from '../hosted/agent.ts';
import { machineReport } from '../hosted/machine-report.ts';
import { openUpdated } from '../hosted/open-updated.ts';
import { pauseFor } from '../pauses.ts';
import type { Wish } from '../repository/offer.ts';
import type { SharableMachine } from '../sharing/sharing.ts';
import { EMPTY_JOURNAL, Journal } from '../update/journal.ts';
import type { UpdateStatus } from '../update/status.ts';
import type { MachineConfiguration, MachineUpdates } from './configuration.ts';

export interface MachineOptions {
  readonly name: string;
  readonly configuration: MachineConfiguration;
  /** Of this machine: what is learned about it, and the files of its updates. */
  readonly folder: string;
  /** Address of the repository: a URL or a folder. */
  readonly repository: string;
  /** The root that the repository's owner gave. */
  readonly root?: Uint8Array | undefined;
  /** This program's version. */
  readonly version: string;
  /** What the configuration leaves out. */
  readonly updates: MachineUpdates & { readonly channel: string };
  readonly broker?: BrokerConfiguration | undefined;
  readonly memory: number;
  /** Bytes a second that a download may take. */
  readonly rate?: number | undefined;
  readonly secret?: SharedSecret | undefined;
  /** What a controller wants of a machine; absent: there is none. */
  readonly orders?: ((machine: string) => MachineOrder | undefined) | undefined;
  /** Where the device stands with it. */
  readonly controller?: Updates['controller'];
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly tell: (line: string, kind: string) => void;
  readonly warn: (line: string, kind?: string) => void;
}

export interface MachineStatus {
  readonly machine: string;
  /** Where it stands, in one line for people. */
  readonly summary: string;
  /** Of its updates; null where it does not run. */
  readonly update: UpdateStatus | null;
}

/** A machine that fails is started again after this at first, and then twice as long each time. */
const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 600;
/** What runs for so long was no failed start. */
const HEALTHY_AFTER_SECONDS = 600;

/**
 * One of the machines that an agent looks after: the host of its model with an agent of its own, so that nothing that
 * befalls it reaches another one. What fails is said in one line, and started again.
 */
export class Machine {
  readonly name: string;
  readonly #options: MachineOptions;
  #agent: Agent | undefined;
  #host: Host | undefined;
  #problem: string | undefined;
  #lastReport: MachineReport | undefined;
  #wake = new AbortController();

  constructor(options: MachineOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Runs until the signal ends it, or until the recording ends that stands for its sensor. Never rejects. */
  async run(): Promise<void> {
    const { signal, warn } = this.#options;
    const journal = await Journal.peek(join(this.#updateFolder, 'journal')).catch(() => undefined);
    this.#lastReport = machineReport(this.name, this.#wish, { entry: journal ?? EMPTY_JOURNAL });
    for (let seconds = FIRST_RETRY_SECONDS; !signal.aborted; ) {
      const start = performance.now();
      try {
        await this.#runOnce();
        this.#problem = signal.aborted ? undefined : 'its recording has ended';
        return;
      } catch (failure) {
        this.#problem = (failure as Error).message;
      }
      if (performance.now() - start > 1000 * HEALTHY_AFTER_SECONDS) seconds = FIRST_RETRY_SECONDS;
      if (signal.aborted) return warn(this.#problem);
      warn(`${this.#problem}; it is started again in ${seconds} s`);
      await this.#wait(seconds);
      seconds = Math.min(2 * seconds, LONGEST_RETRY_SECONDS);
    }
  }

  async #runOnce(): Promise<void> {
    const { signal } = this.#options;
    await withCleanup(async (closers) => {
      closers.push(async () => {
        [this.#agent, this.#host] = [undefined, undefined];
      });
      const agent = await this.#openAgent();
      closers.push(() => agent.close());
      [this.#agent, this.#problem] = [agent, undefined];
      await agent.fetchBase(signal);
      const { base } = agent;
      if (base === undefined) return;
      const { tell, warn, say, secret } = this.#options;
      const surroundings = { signal, say, tell, warn, secret };
      this.#host = await openUpdated(closers, agent, base, this.#hostConfiguration, surroundings);
      await this.#host.follow();
    });
  }

  get #updateFolder(): string {
    return join(this.#options.folder, UPDATE_FOLDER);
  }

  get folders(): MachineFolders {
    const { name, folder, configuration } = this.#options;
    const learned = configuration.store?.directory ?? join(folder, LEARNED_FOLDER);
    return { name, learned, update: this.#updateFolder };
  }

  /** For rounds in which devices learn from each other. */
  get sharable(): SharableMachine {
    const { model, channel } = this.#wish;
    return { ...this.folders, model, channel, share: this.#options.configuration.update?.share };
  }

  get #wish(): Wish {
    const { name, configuration, updates } = this.#options;
    const { model = name, channel = updates.channel, groups = updates.groups ?? [] } = configuration.update ?? {};
    return { model, channel, groups };
  }

  async #openAgent(): Promise<Agent> {
    const { name, configuration, repository, root, version, updates, memory, rate, say, warn } = this.#options;
    const { orders, controller } = this.#options;
    const folder = this.#updateFolder;
    const agent = await Agent.open({
      ...{ folder, repository, root, version, rate, say },
      memory: configuration.memory ?? memory,
      seed: configuration.seed,
      threads: configuration.threads,
      wish: this.#wish,
      orders: orders && (() => orders(name)),
      controller,
      rules: { lookEverySeconds: configuration.update?.every ?? updates.every },
      warn: (line) => warn(line, 'update'),
    });
    if (agent !== undefined) return agent;
    throw new SpikewireError('store', folder, 'cannot be used', 'a folder that this process may write');
  }

  /** With a place for what is learned, and a broker where it has readings by MQTT. */
  get #hostConfiguration(): HostConfiguration {
    const { broker, memory, configuration } = this.#options;
    const { update: _, store, stream, ...host } = configuration;
    const link = stream?.broker ?? broker;
    const clientId = link?.clientId ?? this.#clientId;
    return {
      memory,
      ...host,
      store: { directory: this.folders.learned, ...store },
      ...(stream && { stream: { ...stream, broker: link && { ...link, clientId } } }),
    };
  }

  /**
   * The name of the machine's session at a broker, the same after a restart. Machines of one process are several
   * clients, and so are those of several processes on one host, which have different folders.
   */
  get #clientId(): string {
    const { name, folder } = this.#options;
    const place = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 8);
    return `spikewire-${hostname()}-${name}-${place}`;
  }

  async #wait(seconds: number): Promise<void> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, this.#wake.signal]);
    await pauseFor(seconds, signal);
  }

  get status(): MachineStatus {
    const update = this.#agent?.status ?? null;
    const problem = this.#problem && `does not run: ${this.#problem}`;
    return { machine: this.name, summary: problem ?? update?.summary ?? 'starts', update };
  }

  /** For a controller, also while it does not run; undefined until `run` has read its journal. */
  get report(): MachineReport | undefined {
    this.#lastReport = this.#agent?.report(this.name) ?? this.#lastReport;
    const problem = this.#problem && shortText(`does not run: ${this.#problem}`);
    return this.#lastReport && { ...this.#lastReport, ...(problem && { problem }) };
  }

  /** What it shows to people who look at the device; undefined where it does not run. */
  get live(): LiveValues | undefined {
    return this.#agent?.live;
  }

  /** The controller wants something else than before. */
  obey(): void {
    this.#agent?.updater?.obey();
  }

  /** Whether its host is open, or it waits for its first model. */
  get isRunning(): boolean {
    return this.#host !== undefined || (this.#agent !== undefined && this.#agent.base === undefined);
  }

  /** Readings since the start: how many nets were given, and with how many of these they are done. */
  get readings(): { readonly given: number; readonly done: number } {
    return this.#host?.desk.readings ?? { given: 0, done: 0 };
  }

  /** Does what a person asks. Rejects with `usage` where that cannot be now. */
  async carryOut(request: UpdateRequest): Promise<MachineStatus> {
    // A look at a machine that waits for its next start is that start.
    if (request.action === 'look') this.#wake.abort();
    const isAsleep = this.#agent === undefined && request.action === 'look';
    if (request.action !== 'status' && !isAsleep) await this.#expectAgent().carryOut(request);
    return this.status;
  }

  #expectAgent(): Agent {
    if (this.#agent !== undefined) return this.#agent;
    throw new SpikewireError('usage', this.name, this.status.summary, 'a machine that runs');
  }
}
