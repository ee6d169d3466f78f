import { SpikewireError } from '@spikewire/models';
import { type CommandArguments, type CommandConsole, formatTable } from 'spikewire/cli';
import type { DeviceDetails, DeviceSummary, MachineDetails } from '../controller/wire/wire.ts';
import type { Action } from './action.ts';
import { ControllerClient, TALKING } from './controller/client.ts';
import { labelsIn, labelsText } from './controller/labels.ts';
import { timeText } from './controller/times.ts';
import { fetchBackup } from './fetch-backup.ts';

const ACTS = [
  'list',
  'show',
  'rename',
  'label',
  'replace',
  'retire',
  'revoke',
  'fetch-backup',
  'delete-backups',
] as const;
type Act = (typeof ACTS)[number];

const DEFAULT_LIMIT = 50;

export const devicesAction: Action = {
  name: 'devices',
  doc: 'list the devices of a controller, show one, or change one',
  subject: {
    name: 'act',
    doc:
      'list (default); show; rename; label (gives these labels and no others); replace (takes the name and labels of ' +
      'the device named after it, and retires that one); retire (out of use); revoke (its key may be stolen); ' +
      'fetch-backup (writes the newest backup of what the device has learned into a file, decrypted); ' +
      'delete-backups (deletes all backups of the device at the controller)',
    words: ACTS,
    optional: true,
  },
  more: [
    { name: 'device', doc: 'id of the device, for all but list', optional: true },
    {
      name: 'value',
      doc: 'the new name; or labels, as <key>=<value>; or the device to replace; or the file to write a backup to',
      rest: true,
    },
  ],
  options: [...TALKING, 'search', 'label', 'health', 'limit', 'recovery-key', 'backup-number'],
  docs: {
    'recovery-key': 'fetch-backup: private key that "spikewire fleet backup-key" has made (required)',
    'backup-number': 'fetch-backup: an older backup, by the number that show prints (default: the newest)',
    label: 'list only devices with this label; may be repeated',
    limit: 'list at most so many devices (default: 50)',
  },

  async run(word = 'list', args, console) {
    const act = ACTS.find((each) => each === word);
    if (act === undefined)
      throw new SpikewireError('usage', `spikewire fleet devices ${word}`, 'is unknown', ACTS.join(', '));
    const client = await ControllerClient.of(args);
    if (act === 'list') return list(client, args, console);
    const [, , id, ...values] = args.positionals;
    if (id === undefined)
      throw new SpikewireError('usage', `spikewire fleet devices ${act}`, 'names no device', 'its id');
    const path = `/v1/devices/${encodeURIComponent(id)}`;
    if (act === 'fetch-backup') return fetchBackup(client, id, values, args, console);
    if (act === 'show') return show(await client.get<DeviceDetails>(path), console);
    await change(client, path, act, values);
    console.result({ device: id, done: act }, () => `${id}: ${DONE[act]}`);
  },
};

const DONE: Readonly<Record<Exclude<Act, 'list' | 'show' | 'fetch-backup'>, string>> = {
  rename: 'has its new name',
  label: 'has these labels',
  replace: 'has the name and the labels of the other device, which is out of use',
  retire: 'is retired',
  revoke: 'is revoked',
  'delete-backups': 'has no backups any more',
};

async function list(client: ControllerClient, args: CommandArguments, console: CommandConsole): Promise<void> {
  const limit = args.number('limit', { minimum: 1, whole: true }) ?? DEFAULT_LIMIT;
  const label = args.texts('label');
  labelsIn(label, '--label'); // throws what is none
  const query = { search: args.text('search'), health: args.text('health'), label };
  const { items, isWhole } = await client.list<DeviceSummary>('/v1/devices', query, limit);
  console.result({ devices: items, isWhole }, () => {
    if (items.length === 0) return ['no devices'];
    const rows = items.map(({ id, name, labels, health, seen, machines, problem }) => [
      ...[id, name, labelsText(labels), health, timeText(seen), `${machines}`, problem ?? ''],
    ]);
    const table = formatTable(['device', 'name', 'labels', 'health', 'last report', 'machines', 'problem'], rows);
    return isWhole ? table : [...table, `more follow: --limit ${2 * limit} shows them`];
  });
}

function show(device: DeviceDetails, console: CommandConsole): void {
  const { id, name, labels, health, seen, joined, version, platform, problem, machines, backups } = device;
  console.result(device, () => [
    `${name} (${id}): ${health}`,
    ...(problem === null ? [] : [`problem: ${problem}`]),
    `labels: ${labelsText(labels) || 'none'}`,
    `joined ${timeText(joined)}, last report ${timeText(seen)}`,
    ...(version === null ? [] : [`spikewire ${version}, ${platform}`]),
    ...(machines.length === 0 ? ['no machines'] : formatTable(HEADER, machines.map(machineRow))),
    ...backups.map(({ number, time, bytes }) => `backup ${number}: of ${timeText(time)}, ${bytes} bytes`),
  ]);
}

const HEADER = [
  ...['machine', 'model', 'channel', 'state', 'base', 'right', 'lessons', 'alarms', 'drift', 'order', 'rollout'],
  'problem',
];

function machineRow(machine: MachineDetails): readonly string[] {
  const { machine: name, model, channel, state, base, accuracy, lessons, order, rollout, problem } = machine;
  const { alarms, drift } = machine;
  return [
    ...[name, model, channel, state, base?.name ?? 'none'],
    accuracy === null ? '' : `${accuracy.right}/${accuracy.of}`,
    ...[`${lessons}`, `${alarms}`, drift ? 'yes' : 'no', order?.kind ?? '', rollout?.name ?? '', problem ?? ''],
  ];
}

function change(
  client: ControllerClient,
  path: string,
  act: keyof typeof DONE,
  values: readonly string[],
): Promise<unknown> {
  const where = `spikewire fleet devices ${act}`;
  if (act === 'label') return client.send('PATCH', path, { labels: labelsIn(values, where) });
  if (act === 'retire' || act === 'revoke' || act === 'delete-backups') {
    if (values.length > 0) throw new SpikewireError('usage', where, `is followed by "${values[0]}"`, 'one device');
    return act === 'delete-backups' ? client.send('DELETE', `${path}/backup`) : client.send('POST', `${path}/${act}`);
  }
  const [value, ...others] = values;
  const expected = act === 'rename' ? 'the new name' : 'the id of the device to replace';
  if (value === undefined || others.length > 0)
    throw new SpikewireError('usage', where, `has ${values.length} words behind the device`, expected);
  return act === 'rename'
    ? client.send('PATCH', path, { name: value })
    : client.send('POST', `${path}/replace`, { old: value });
}
