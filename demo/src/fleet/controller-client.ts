import { setTimeout as pause } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';

/** What the demo reads of a rollout; see `RolloutDetails` of the controller. */
export interface Rollout {
  readonly id: string;
  readonly phase: 'shadow' | 'waves' | 'held' | 'done' | 'stopped';
  readonly reason: string | null;
  readonly states: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<'compared' | 'differed' | 'labelled' | 'gained' | 'lost', number>>;
  readonly evidence: { readonly worse: number; readonly notWorse: number };
  readonly exposed: number;
}

const RETRY_MS = 100;

/** Asks a controller as a person does whose token it has. */
export class ControllerClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    [this.#url, this.#token] = [url, token];
  }

  /** Rejects with `link` where the controller refuses it. */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.#url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.ok) return (text === '' ? {} : JSON.parse(text)) as T;
    throw new SpikewireError('link', `controller ${this.#url}`, `answers ${answer.status} to ${path}: ${text}`);
  }

  /** Asks again and again until the answer is as wanted, or the signal ends it: then the last answer. */
  async until<T>(path: string, isSo: (answer: T) => boolean, signal: AbortSignal): Promise<T> {
    for (;;) {
      const answer = await this.ask<T>('GET', path);
      if (isSo(answer) || signal.aborted) return answer;
      await pause(RETRY_MS, undefined, { signal }).catch(() => {}); // ended
    }
  }
}
