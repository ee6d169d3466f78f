import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readAnyModel, type Model } from '@spikewire/models';
import type { ExecutorSource } from '../executor/executor.ts';
import { KeptSession, type KeptSessionOptions } from './kept-session.ts';
import type { Outcome } from './session.ts';

export interface NetPoolOptions extends Omit<KeptSessionOptions, 'directory' | 'notes' | 'listener'> {
  /** Folder of all stores, a folder in it for each net; without one nothing survives the process. */
  readonly directory?: string;
  /** Nets that run at the same time; the least recently used one is saved and closed for a new one. Default 64. */
  readonly capacity?: number;
  readonly notes?: (key: string) => string;
  readonly listener?: (key: string, outcome: Outcome) => void;
}

const DEFAULT_CAPACITY = 64;

/** One net per key (a topic, a machine) from one model: opened when first needed, a bounded number at a time. */
export class NetPool {
  readonly model: Model;
  readonly #modelBytes: Uint8Array;
  readonly #source: ExecutorSource;
  readonly #options: NetPoolOptions;
  readonly #capacity: number;
  /** In order of use, the least recent first. */
  readonly #open = new Map<string, Promise<KeptSession>>();
  readonly #closing = new Map<string, Promise<void>>();
  /** Nets that were closed for want of room. */
  evicted = 0;

  constructor(modelBytes: Uint8Array, source: ExecutorSource, options: NetPoolOptions = {}) {
    this.model = readAnyModel(modelBytes);
    this.#modelBytes = modelBytes;
    this.#source = source;
    this.#options = options;
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
  }

  /** Keys of the open nets. */
  get keys(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** The net of a key, opened and restored if need be. Rejects with the reason it cannot be. */
  get(key: string): Promise<KeptSession> {
    const opening = this.#open.get(key) ?? this.#start(key);
    this.#open.delete(key);
    this.#open.set(key, opening);
    this.#makeRoom();
    return opening;
  }

  #start(key: string): Promise<KeptSession> {
    const { directory, notes, listener, ...rest } = this.#options;
    const options: KeptSessionOptions = {
      ...rest,
      ...(directory === undefined ? {} : { directory: join(directory, folderName(key)) }),
      ...(notes === undefined ? {} : { notes: () => notes(key) }),
      ...(listener === undefined ? {} : { listener: (outcome) => listener(key, outcome) }),
    };
    const freed = this.#closing.get(key) ?? Promise.resolve();
    const opening = freed.then(() => KeptSession.open(this.#modelBytes, this.#source, options));
    opening.catch(() => this.#open.delete(key));
    return opening;
  }

  #makeRoom(): void {
    for (const [key, opening] of this.#open) {
      if (this.#open.size <= this.#capacity) return;
      this.#open.delete(key);
      this.evicted++;
      const closing = opening
        .then((kept) => kept.close())
        .catch((failure: Error) => this.#options.warn?.(failure.message))
        .finally(() => this.#closing.delete(key));
      this.#closing.set(key, closing);
    }
  }

  /** Saves and closes all nets. Rejects with the first failure after all were tried. */
  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    const results = await Promise.allSettled([...open.map(async (opening) => (await opening).close()), ...this.#closing.values()]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}

/** A folder name for any key: its readable part, and a hash where that part does not say everything. */
export function folderName(key: string): string {
  const readable = key.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 48);
  if (readable === key && key !== '') return key;
  return `${readable}-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}
