import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { type CommandArguments, type CommandConsole, formatTable, writeWhole } from 'spikewire/cli';
import { type HistoryHead, NO_ENTRY } from '../controller/history/chain.ts';
import type { ChainEntry } from '../controller/wire/wire.ts';
import type { Action } from './action.ts';
import { ControllerClient, TALKING } from './controller/client.ts';
import { checkServedHistory } from './controller/served-history.ts';
import { timeText } from './controller/times.ts';

const DEFAULT_LIMIT = 50;
const LARGEST_HEAD = 1000;

export const historyAction: Action = {
  name: 'history',
  doc: 'print what people, devices and the controller have done; check that nobody has rewritten it',
  options: [...TALKING, 'about', 'limit', 'since-head'],
  docs: { limit: 'print at most so many entries, the newest ones (default: 50)' },

  async run(_, args, console) {
    const client = await ControllerClient.of(args);
    const file = args.text('since-head');
    const known = file === undefined ? NO_ENTRY : await keptIn(file);
    const newest = new NewestEntries(args);
    const check = await checkServedHistory(client, { console, known, onEntry: newest.take });
    if (check.kind === 'broken') {
      const since = file === undefined ? '' : `, or is not the one of ${file}`;
      throw new SpikewireError(
        'access',
        client.address.href,
        `entry ${check.number} was changed or is missing${since}`,
      );
    }
    if (file !== undefined) await writeWhole(file, `${JSON.stringify(check.head)}\n`, true);
    print(newest, check.head, console);
  },
};

/** Those that are printed. */
class NewestEntries {
  readonly #limit: number;
  readonly #about: string | undefined;
  readonly #entries: ChainEntry[] = [];
  #isWhole = true;

  constructor(args: CommandArguments) {
    this.#limit = args.number('limit', { minimum: 1, whole: true }) ?? DEFAULT_LIMIT;
    this.#about = args.text('about');
  }

  readonly take = (entry: ChainEntry): void => {
    if (this.#about !== undefined && entry.subject !== this.#about) return;
    this.#entries.push(entry);
    if (this.#entries.length <= this.#limit) return;
    this.#entries.shift();
    this.#isWhole = false;
  };

  /** The newest first; `isWhole`: there are no others. */
  get shown() {
    const entries = this.#entries.map(({ previous: _, hash: __, details, ...entry }) => ({
      ...entry,
      details: documentIn(details),
    }));
    return { entries: entries.reverse(), isWhole: this.#isWhole };
  }
}

function documentIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Throws `file`. */
async function keptIn(file: string): Promise<HistoryHead> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new SpikewireError('file', file, `cannot be read (${cause.code})`, 'a head that was kept', cause);
  });
  if (text === undefined) return NO_ENTRY;
  const head = headIn(text);
  if (head === undefined)
    throw new SpikewireError('file', file, 'is not the head of a history', 'a file that --since-head has written');
  return head;
}

function headIn(text: string): HistoryHead | undefined {
  try {
    const { number, hash } = JSON.parse(text.slice(0, LARGEST_HEAD)) as HistoryHead;
    return Number.isSafeInteger(number) && number >= 0 && /^[0-9a-f]{64}$/.test(hash) ? { number, hash } : undefined;
  } catch {
    return undefined;
  }
}

function print({ shown }: NewestEntries, head: HistoryHead, console: CommandConsole): void {
  console.result({ head, ...shown }, () => [
    ...formatTable(
      ['entry', 'time', 'who', 'what', 'about', 'details'],
      shown.entries.map(({ number, time, actor, action, subject, details }) => {
        return [`${number}`, timeText(time), actor, action, subject, JSON.stringify(details)];
      }),
    ),
    `the history is whole: ${head.number} entries, the last with the hash ${head.hash}`,
  ]);
}
