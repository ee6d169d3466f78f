import type { DashboardEvents } from '../wire.ts';

export type ConnectionState = 'connecting' | 'live' | 'lost';

export type ConnectionListener = {
  readonly [Name in keyof DashboardEvents]: (data: DashboardEvents[Name]) => void;
} & { readonly changed: (state: ConnectionState) => void };

/** The server says something at the latest every two seconds; after so long without a word it is gone. */
const SILENCE_MILLISECONDS = 6000;

const RETRY_MILLISECONDS = 1500;

/**
 * The stream of events from the server. It is taken up again by itself, and given up while the page is hidden, because
 * nobody looks then.
 */
export class Connection {
  readonly #listener: ConnectionListener;
  #events: EventSource | null = null;
  #net: string | null;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** @param net The net to look at; null for the first. */
  constructor(net: string | null, listener: ConnectionListener) {
    this.#net = net;
    this.#listener = listener;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#close() : this.#start()));
    addEventListener('pagehide', () => this.#close());
    addEventListener('pageshow', () => this.#start());
    if (!document.hidden) {
      this.#start();
    }
  }

  watch(net: string | null): void {
    this.#net = net;
    this.#close();
    this.#start();
  }

  /** Comes back to this net after a break, also where the server chose it. */
  stay(net: string): void {
    this.#net ??= net;
  }

  #start(): void {
    this.#listener.changed('connecting');
    this.#open();
  }

  #open(): void {
    if (this.#events !== null) {
      return;
    }
    const events = new EventSource(this.#net === null ? 'events' : `events?net=${encodeURIComponent(this.#net)}`);
    this.#events = events;
    this.#expectWord();
    events.addEventListener('error', () => this.#lost());
    this.#listen(events, 'describe');
    this.#listen(events, 'state');
    this.#listen(events, 'past');
    this.#listen(events, 'comparison');
    this.#listen(events, 'updates');
    this.#listen(events, 'labels');
    this.#listen(events, 'status');
    this.#listen(events, 'readings');
  }

  #listen<Name extends keyof DashboardEvents>(events: EventSource, name: Name): void {
    events.addEventListener(name, (event: MessageEvent<string>) => {
      this.#expectWord();
      this.#listener.changed('live');
      (this.#listener[name] as (data: DashboardEvents[Name]) => void)(JSON.parse(event.data));
    });
  }

  /** A browser retries by itself after some errors and not after others; this way it is the same in all of them. */
  #lost(): void {
    this.#close();
    this.#listener.changed('lost');
    this.#retry = setTimeout(() => this.#open(), RETRY_MILLISECONDS);
  }

  #expectWord(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE_MILLISECONDS);
  }

  #close(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
    this.#events?.close();
    this.#events = null;
  }
}
