import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { type CommandArguments, type CommandConsole, formatTable, writeWhole } from 'spikewire/cli';
import type { HistoryCheck, HistoryHead } from '../controller/history/history.ts';
import type { HistoryEntry } from '../controller/wire/wire.ts';
import type { Action } from './action.ts';
import { ControllerClient, TALKING } from './controller/client.ts';
import { timeText } from './controller/times.ts';

const DEFAULT_LIMIT = 50;
const LARGEST_HEAD = 1000;

export const historyAction: Action = {
  name: 'history',
  doc: 'print what people, devices and the controller have done; check that nobody has rewritten it',
  options: [...TALKING, 'about', 'limit', 'since-head'],
  docs: { limit: 'print at most as many entries, the newest (default: 50)' },

  async run(_, args, console) {
    const client = await ControllerClient.of(args);
    const file = args.text('since-head');
    const check = await client.get<HistoryCheck>('/v1/history/check', file === undefined ? {} : await headQuery(file));
    if (check.kind === 'broken') {
      const since = file === undefined ? '' : `, or is not the one of ${file}`;
      throw new SpikewireError(
        'access',
        client.address.href,
        `entry ${check.number} was changed or is missing${since}`,
      );
    }
    if (file !== undefined) await writeWhole(file, `${JSON.stringify(check.head)}\n`, true);
    await print(client, args, check.head, console);
  },
};

async function headQuery(file: string): Promise<{ number: string; hash: string } | Record<string, never>> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new SpikewireError('file', file, `cannot be read (${cause.code})`, 'a head that was kept', cause);
  });
  if (text === undefined) return {};
  const head = headIn(text);
  if (head === undefined) throw new SpikewireError('file', file, 'is no head of a history', 'a file of --since-head');
  return head.number === 0 ? {} : { number: String(head.number), hash: head.hash };
}

function headIn(text: string): HistoryHead | undefined {
  try {
    const { number, hash } = JSON.parse(text.slice(0, LARGEST_HEAD)) as HistoryHead;
    return Number.isSafeInteger(number) && number >= 0 && /^[0-9a-f]{64}$/.test(hash) ? { number, hash } : undefined;
  } catch {
    return undefined;
  }
}

async function print(
  client: ControllerClient,
  args: CommandArguments,
  head: HistoryHead,
  console: CommandConsole,
): Promise<void> {
  const limit = args.number('limit', { minimum: 1, whole: true }) ?? DEFAULT_LIMIT;
  const { items, isWhole } = await client.list<HistoryEntry>('/v1/history', { subject: args.text('about') }, limit);
  console.result({ head, entries: items, isWhole }, () => [
    ...formatTable(
      ['entry', 'time', 'who', 'what', 'about', 'details'],
      items.map(({ number, time, actor, action, subject, details }) => {
        return [`${number}`, timeText(time), actor, action, subject, JSON.stringify(details)];
      }),
    ),
    `the history is whole: ${head.number} entries, the last with the hash ${head.hash}`,
  ]);
}
