import { isObject, parseJson } from '../reading/json.ts';
import type { KeptSession } from '../session/kept/kept-session.ts';
import { isShortName } from '../session/net-name.ts';
import type { NetPool } from '../session/pool/net-pool.ts';
import { isEstablished } from '../session/pool/standing.ts';
import type { Subscription } from './link/link-options.ts';
import type { MqttMessage, MqttProperties } from './link/message.ts';
import { isTopic, levelsMatch, levelsOf } from './link/topic-filter.ts';
import { keyOf, type Routes, topicFor } from './routes.ts';

/** How nets are announced to others, such as Home Assistant. */
export interface Announcing {
  /** What announces a net, and the topic on which that is retained. */
  readonly of: (key: string) => { readonly topic: string; readonly document: object };
  /** Where the announcements of earlier processes are found, and whose of them are ours. Absent: they are not sought. */
  readonly found?: { readonly filter: string; readonly owner: string };
}

export interface RetainedMessagesOptions {
  readonly routes: Routes;
  readonly retainResults: boolean;
  readonly announcing?: Announcing | undefined;
  /** Keys that may have a net; undefined: any. */
  readonly only?: ReadonlySet<string> | undefined;
  readonly publish: (topic: string, text: string, properties?: MqttProperties) => Promise<void>;
  /** Publishes the status of a net. */
  readonly tellStatus: (key: string) => Promise<void>;
  readonly warn: (line: string) => void;
}

/** Nets of which the broker keeps messages. */
const MOST_NETS = 10_000;
/** How long what a process without a store had announced waits for its sensor after a restart. */
const GRACE_MS = 3_600_000;
/** The user property of an announcement that says whose it is. */
const OWNER = 'spikewire-client';

/**
 * What the broker keeps of nets: announcement, last status and last result. A net is announced when it is established,
 * at once where it was named beforehand, so that a flood of new topics announces nothing. Its messages are removed when
 * it is gone for good: forgotten, or missing from the store after a restart. One that was closed to the store keeps
 * them.
 */
export class RetainedMessages {
  readonly #pool: NetPool;
  readonly #options: RetainedMessagesOptions;
  /** By key, whether it learned when that was last said; undefined until it is announced over this connection. */
  readonly #nets = new Map<string, boolean | undefined>();
  #isFull = false;

  constructor(pool: NetPool, options: RetainedMessagesOptions) {
    this.#pool = pool;
    this.#options = options;
    pool.observeForgotten((key) => this.#remove(key));
  }

  /** What the link must subscribe to, so that announcements of earlier processes are found. */
  get subscriptions(): Subscription[] {
    const { found } = this.#options.announcing ?? {};
    if (found === undefined) return [];
    return [{ filter: found.filter, handler: (message) => this.#find(message), optional: true }];
  }

  /** Whether the next result of a net is to be retained. */
  keepsResult(key: string): boolean {
    const { retainResults, announcing } = this.#options;
    if (!retainResults || announcing !== undefined) return retainResults && this.#nets.has(key);
    const exists = this.#pool.hasStores || this.#pool.knows(key);
    return exists && this.#note(key, undefined);
  }

  /** Whether the next status of a net is to be retained. */
  keepsStatus(key: string): boolean {
    return this.#options.announcing !== undefined && this.#nets.has(key);
  }

  /** Announces a net where that is due, and says in its status whether it learns where that has changed. */
  async answered(key: string, { session }: Pick<KeptSession, 'session'>): Promise<void> {
    const { announcing, tellStatus } = this.#options;
    if (announcing === undefined || !(this.#isNamed(key) || isEstablished(session))) return;
    const told = this.#nets.get(key);
    const { learning } = session;
    if (told === learning || !this.#note(key, learning)) return;
    const status = tellStatus(key); // asked for while the net is open
    if (told === undefined) await this.#announce(key, announcing);
    await status;
  }

  async #announce(key: string, { of, found }: Announcing): Promise<void> {
    const { topic, document } = of(key);
    const properties = found && { userProperties: { [OWNER]: found.owner } };
    await this.#options.publish(topic, JSON.stringify(document), properties);
  }

  /** Announces all nets again, each with its next answer: a broker may have forgotten. */
  announceAgain(): void {
    for (const key of this.#nets.keys()) this.#nets.set(key, undefined);
  }

  /**
   * Takes an announcement that the broker has kept: that of a net that the store has not is removed. Without a store,
   * and where it cannot be asked, a sensor has an hour to show that it is still there.
   */
  async #find(message: MqttMessage): Promise<void> {
    const key = this.#keyOfOwn(message);
    if (key === undefined || this.#nets.has(key) || !this.#note(key, undefined)) return;
    if (await this.#exists(key)) return;
    const check = async () => {
      if (!(await this.#exists(key))) this.#remove(key);
    };
    if (this.#pool.storeUse !== undefined) await check();
    else setTimeout(check, GRACE_MS).unref();
  }

  /** The net that an announcement of this process or one before it is about. */
  #keyOfOwn({ topic, payload, retain, properties }: MqttMessage): string | undefined {
    const { announcing, routes } = this.#options;
    const owner = announcing?.found?.owner;
    if (!retain || payload.length === 0 || owner === undefined) return undefined;
    if (properties?.userProperties?.[OWNER] !== owner) return undefined;
    const results = resultsTopicOf(payload);
    if (results === undefined || !levelsMatch(levelsOf(routes.out), results.split('/'))) return undefined;
    const key = keyOf(routes.out, results);
    return isShortName(key) && announcing!.of(key).topic === topic ? key : undefined;
  }

  async #exists(key: string): Promise<boolean> {
    return this.#options.only?.has(key) !== false && (await this.#pool.has(key));
  }

  /** Whether the nets are known by name, so that a flood cannot make more. */
  #isNamed(key: string): boolean {
    return !this.#options.routes.in.includes('+') || this.#options.only?.has(key) === true;
  }

  /** Notes what was told of a net; false where there are too many. */
  #note(key: string, learning: boolean | undefined): boolean {
    if (this.#nets.has(key) || this.#nets.size < MOST_NETS) {
      this.#nets.set(key, learning);
      return true;
    }
    if (!this.#isFull) this.#options.warn(`the broker keeps messages of ${MOST_NETS} nets, and of no more`);
    this.#isFull = true;
    return false;
  }

  /** Removes from the broker what it keeps of a net. */
  #remove(key: string): void {
    if (!this.#nets.delete(key)) return;
    const { announcing, retainResults, routes, publish } = this.#options;
    const results = topicFor(routes.out, key);
    const announced = announcing === undefined ? [] : [announcing.of(key).topic, statusTopicOf(results)];
    for (const topic of [...announced, ...(retainResults ? [results] : [])]) void publish(topic, '');
  }
}

/** Where the status of a net is published, by the topic of its results. */
export function statusTopicOf(results: string): string {
  return `${results}/status`;
}

/** The topic of results that an announcement names. */
function resultsTopicOf(payload: Uint8Array): string | undefined {
  try {
    const document = parseJson(payload);
    const topic = isObject(document) ? document.state_topic : undefined;
    return isTopic(topic) ? topic : undefined;
  } catch {
    return undefined; // somebody else's
  }
}
