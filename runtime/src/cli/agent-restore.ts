import { SpikewireError } from '@spikewire/models';
import { readDeviceArchive } from '../agent/backup/device-archive.ts';
import { restoreMachines } from '../agent/backup/machine-folders.ts';
import { LARGEST_BACKUP } from '../agent/backup/sealed-backup.ts';
import { readWholeFile } from '../regular-file.ts';
import type { CommandArguments, CommandConsole } from './command.ts';
import { aboutFile, memoryOf } from './model-argument.ts';

/** `spikewire agent restore`: machines of a device that died continue on this one. */
export async function restoreAgent(args: CommandArguments, console: CommandConsole): Promise<void> {
  const path = args.positionals[1];
  if (path === undefined)
    throw new SpikewireError('usage', 'spikewire agent restore', 'names no file', 'the backup of a device');
  const bytes = await readWholeFile(path, LARGEST_BACKUP, 'the backup of a device');
  const archive = await aboutFile(path, () => readDeviceArchive(new Uint8Array(bytes)));
  const { device, made } = archive;
  const names = [...archive.machines.keys()];
  const about = `${path}: what ${names.join(', ')} of the device ${device} had learned until ${made}`;
  if (!args.flag('yes'))
    return console.result({ device, made, machines: names, restored: false }, () => [
      about,
      'nothing was restored; add --yes to restore it',
    ]);
  const folder = args.text('folder')!;
  const { machines, aside } = await restoreMachines({
    ...{ folder, archive, putsAside: args.flag('force'), memory: memoryOf(args), time: new Date() },
  });
  console.result({ device, made, machines, restored: true, aside }, () => [
    about,
    `${folder}: restored ${machines.join(', ')}`,
    ...aside.map((each) => `put aside: ${each}`),
  ]);
}
