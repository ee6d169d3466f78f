import { SpikewireError } from '@spikewire/models';
import { LARGEST_BACKUP, openBackup, readDeviceArchive, readPrivateRecoveryKey } from 'spikewire/agent';
import { type CommandArguments, type CommandConsole, readOwnersFile } from 'spikewire/cli';
import type { DeviceBackup, DeviceDetails } from '../controller/wire/wire.ts';
import type { ControllerClient } from './controller/client.ts';
import { timeText } from './controller/times.ts';
import { OWNERS_MODE, writeNewFile } from './new-file.ts';

const WHERE = 'spikewire fleet devices fetch-backup';

/**
 * Fetches a backup of a device, decrypts it on this computer, and writes it to a new file for `spikewire agent
 * restore`: the private key stays here. Writes nothing unless the backup is whole and of this device.
 */
export async function fetchBackup(
  client: ControllerClient,
  device: string,
  [file, ...others]: readonly string[],
  args: CommandArguments,
  console: CommandConsole,
): Promise<void> {
  if (file === undefined || others.length > 0)
    throw new SpikewireError('usage', WHERE, 'needs a device and a file', '<device> <file>');
  const keyFile = args.needed('recovery-key', 'the private key that "spikewire fleet backup-key" has made');
  const key = readPrivateRecoveryKey(await readOwnersFile(keyFile, 'recovery key'), `recovery key ${keyFile}`);
  const { number, time } = await chosen(client, device, args);
  const path = `/v1/devices/${encodeURIComponent(device)}/backup`;
  const sealed = await client.bytes(path, { number: `${number}` }, LARGEST_BACKUP);
  const content = openBackup(sealed, device, key);
  const { device: said, made, machines } = readDeviceArchive(content);
  if (said !== device) throw new SpikewireError('access', 'backup', `is of device ${said}`, `device ${device}`);
  await writeNewFile(file, content, OWNERS_MODE);
  const names = [...machines.keys()];
  console.result({ file, device, number, made, received: time, machines: names }, () => [
    `${file}: what ${names.join(', ')} had learned until ${made} by the clock of the device`,
    `the controller received it at ${timeText(time)}; a controller in other hands may hide newer backups`,
    'next: copy the file to the new device, and run "spikewire agent restore" there; the file is not encrypted',
  ]);
}

/** The backup that the options name. Throws `input` if the controller does not have it. */
async function chosen(client: ControllerClient, device: string, args: CommandArguments): Promise<DeviceBackup> {
  const { backups } = await client.get<DeviceDetails>(`/v1/devices/${encodeURIComponent(device)}`);
  const number = args.number('backup-number', { minimum: 1, whole: true });
  const backup = number === undefined ? backups[0] : backups.find((each) => each.number === number);
  if (backup !== undefined) return backup;
  const numbers = backups.map((each) => each.number).join(' or ');
  if (backups.length > 0) throw new SpikewireError('input', WHERE, `backup ${number} does not exist`, numbers);
  const expected = 'a device that runs with --backup-key-file and has learned something';
  throw new SpikewireError('input', `device ${device}`, 'has no backup here', expected);
}
