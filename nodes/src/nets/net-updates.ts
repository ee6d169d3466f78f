import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { SpikewireError } from 'spikewire';
import { Agent, type SocketRequest, sourceOfRepository, type UpdatableHost, type UpdateStatus } from 'spikewire/agent';
import { UpdateMessages } from 'spikewire/desk';
import type { HostedModel, Surroundings } from 'spikewire/host';
import type { UpdateSettings } from './update-settings.ts';

/** So long a status counts as it is: it is asked for with each reading. */
const FRESH_MS = 500;

/** Called with where updates stand, whenever something has happened. */
export type UpdateObserver = (status: UpdateStatus) => void;

/** The updates of the nets of one node, from when it first wants a model until that host closes. */
export class NetUpdates {
  readonly #agent: Agent;
  readonly #messages: UpdateMessages;
  readonly #closing = new AbortController();
  #waiting: Promise<void> | undefined;
  #seen: { readonly status: UpdateStatus | undefined; readonly until: number } | undefined;

  /**
   * Rejects where the model that is given is wrong, or the folder cannot be used.
   *
   * @param given the model of the node; undefined where the first one comes from the repository, too
   */
  static async open(
    settings: UpdateSettings,
    given: { readonly bytes: Uint8Array; readonly name: string } | undefined,
    warn: (line: string) => void,
    observer: UpdateObserver,
  ): Promise<NetUpdates> {
    const { repository, folder, model, channel, groups, lookEvery } = settings;
    sourceOfRepository(repository); // throws what is wrong with the address
    const agent = await Agent.open({
      ...{ repository, folder, given, warn, root: await readRoot(settings.root) },
      wish: { model, channel, groups },
      version: versionOf('spikewire'),
      rules: { lookEverySeconds: lookEvery },
    });
    if (agent !== undefined) return new NetUpdates(agent, observer);
    throw new SpikewireError('store', folder, 'cannot be used for updates', 'a folder that Node-RED may write');
  }

  private constructor(agent: Agent, observer: UpdateObserver) {
    this.#agent = agent;
    const publish = async () => {
      this.#seen = undefined;
      observer(agent.status!);
    };
    this.#messages = new UpdateMessages({ updates: agent.updates, publish, now: Date.now });
  }

  /** The model to run; undefined as long as none has come. */
  get base(): HostedModel | undefined {
    return this.#agent.base;
  }

  /** Waits for the first model, and calls `come` then, or `fail`; the next message tries again. */
  awaitBase(come: () => void, fail: (failure: Error) => void): void {
    this.#waiting ??= this.#agent.fetchBase(this.#closing.signal).then(
      () => this.base && come(),
      (failure: Error) => {
        this.#waiting = undefined;
        fail(failure);
      },
    );
  }

  /** What the host is told of updates when it opens. */
  get surroundings(): Pick<Surroundings, 'onNewModel' | 'updates'> {
    const { onNewModel, updates } = this.#agent;
    return { onNewModel, updates };
  }

  begin(host: UpdatableHost): Promise<void> {
    return this.#agent.begin(host);
  }

  /** Where updates stand; undefined before they begin. */
  get status(): UpdateStatus | undefined {
    const now = performance.now();
    if (this.#seen === undefined || now >= this.#seen.until)
      this.#seen = { status: this.#agent.status, until: now + FRESH_MS };
    return this.#seen.status;
  }

  /** Does what a person asks. Rejects with `usage` where that cannot be now. */
  async carryOut(request: SocketRequest): Promise<UpdateStatus> {
    this.#seen = undefined;
    return this.#agent.carryOut(request);
  }

  /** Ends what runs beside; before the host closes. */
  async stop(): Promise<void> {
    this.#messages.close();
    this.#closing.abort();
    await this.#waiting;
    await this.#agent.updater?.stop();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#agent.close();
  }
}

async function readRoot(path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  return readFile(path).catch((cause: Error) => {
    const expected = 'the file 1.root.json from the publisher of the models';
    throw new SpikewireError('usage', `root ${path}`, `cannot be read: ${cause.message}`, expected, cause);
  });
}

function versionOf(name: string): string {
  return createRequire(import.meta.url)(`${name}/package.json`).version;
}
