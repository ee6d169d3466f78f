import { SpikewireError } from '@spikewire/models';
import type { CommandConsole } from 'spikewire/cli';
import { type ChainOptions, followChain, type HistoryCheck } from '../../controller/history/chain.ts';
import type { ChainEntry } from '../../controller/wire/wire.ts';
import type { ControllerClient } from './client.ts';

/** Milliseconds since 1970 that a date can have. */
const LATEST = 8.64e15;

export interface ServedHistoryOptions extends Pick<ChainOptions, 'known' | 'onEntry'> {
  readonly console: CommandConsole;
  /** Milliseconds after which no further entries are asked for. Default: never. */
  readonly within?: number;
}

/** `isCut`: the time was over before the last entry. */
export type ServedHistoryCheck = HistoryCheck & { readonly isCut: boolean };

/**
 * Computes the chain of the history from its entries, some at a time: a controller that has rewritten it would say that
 * it is whole. Throws `link` for anything but entries.
 */
export async function checkServedHistory(
  client: ControllerClient,
  { console, within = Number.POSITIVE_INFINITY, ...options }: ServedHistoryOptions,
): Promise<ServedHistoryCheck> {
  const end = performance.now() + within;
  let isCut = false;
  const pageBehind = async (number: number) => {
    if (number > 0) console.progress(`${number} entries of the history checked`);
    isCut = performance.now() > end;
    return isCut ? [] : entriesBehind(client, number);
  };
  return { ...(await followChain(pageBehind, options)), isCut };
}

async function entriesBehind(client: ControllerClient, number: number): Promise<readonly ChainEntry[]> {
  const { items } = await client.get<{ readonly items?: unknown }>('/v1/history/chain', { after: String(number) });
  if (Array.isArray(items) && items.every(isEntry)) return items;
  throw new SpikewireError('link', client.address.href, 'sends no history', 'a controller');
}

function isEntry(said: unknown): said is ChainEntry {
  const { number, time, ...texts } = (said ?? {}) as Record<keyof ChainEntry, unknown>;
  const isText = [texts.actor, texts.action, texts.subject, texts.details].every((each) => typeof each === 'string');
  return isText && Number.isSafeInteger(number) && Number.isSafeInteger(time) && Math.abs(time as number) <= LATEST;
}
