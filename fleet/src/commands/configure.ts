import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { configurationName, isSafeName, readConfiguration } from 'spikewire/agent';
import { targetEntry } from '../documents.ts';
import { publish } from '../repository.ts';
import type { Action } from './action.ts';
import { changing, SIGNING, tell } from './change.ts';

export const configureAction: Action = {
  name: 'configure',
  doc: 'sign a configuration of spikewire agent and publish it for one group; it replaces its earlier version',
  subject: { name: 'file', doc: 'JSON file with the machines that the devices of the group watch' },
  options: ['to', ...SIGNING, 'for'],
  docs: { for: 'the group of devices that gets the file, exactly one (required)' },

  async run(file, args, console) {
    const site = args.needed('to', 'the folder of the repository');
    const name = configurationName(groupOf(args.texts('for')));
    const bytes = await readFile(file).catch((cause: Error) => {
      throw new SpikewireError('file', file, `cannot be read: ${cause.message}`, 'a JSON file', cause);
    });
    readConfiguration(bytes, file); // throws what is wrong with it
    const entry = targetEntry(bytes, new Map());
    tell(console, name, [await changing(site, args, (change) => publish(change, name, bytes, entry))], { name });
  },
};

function groupOf(groups: readonly string[]): string {
  const [group] = groups;
  if (groups.length === 1 && isSafeName(group!) && !group!.includes('/')) return group!;
  const problem = group === undefined ? 'is missing' : groups.length > 1 ? 'names several groups' : `is "${group}"`;
  const expected = 'one group of devices, of letters, digits, "-", "_" and "."';
  throw new SpikewireError('usage', 'spikewire fleet configure --for', problem, expected);
}
