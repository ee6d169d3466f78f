import { BLANK_DIGEST, checkDigest, SpikewireError, seal, tensor, writeSafetensors } from '@spikewire/models';
import { type Backup, expectFormat, readBackup, writeBackup } from '../../store/backup.ts';

/** What a machine has learned, and the base that it has learned it on. */
export interface MachineBackup {
  readonly slots: Backup['slots'];
  readonly base: { readonly name: string; readonly bytes: Uint8Array };
}

/** What all machines of a device have learned. */
export interface DeviceArchive {
  /** Id of the device. */
  readonly device: string;
  /** When it was made, by the clock of the device; ISO 8601. */
  readonly made: string;
  readonly machines: ReadonlyMap<string, MachineBackup>;
}

/*
 * A safetensors file with a digest of the whole: for each machine, under its name, the file that `spikewire backup`
 * makes of its store and its base. The metadata has the full names of bases.
 */
const FORMAT = { format: 'spikewire-device-backup', version: '1' };
const MACHINE = /^[\w-]{1,64}$/;
const BASE = 'base ';

export function writeDeviceArchive({ device, made, machines }: DeviceArchive): Uint8Array {
  const tensors = new Map(
    [...machines].map(([name, { slots, base }]) => [name, tensor(writeBackup({ slots, model: base }))]),
  );
  const names = [...machines].map(([name, { base }]) => [BASE + name, base.name]);
  const bytes = writeSafetensors(tensors, {
    ...FORMAT,
    ...{ device, made, digest: BLANK_DIGEST },
    ...Object.fromEntries(names),
  });
  seal(bytes);
  return bytes;
}

/** Throws `file` where a byte differs, or it is another file. */
export function readDeviceArchive(bytes: Uint8Array): DeviceArchive {
  const expected = 'a file that "spikewire fleet devices fetch-backup" has written';
  const { tensors, metadata } = expectFormat(bytes, FORMAT, expected);
  const { device, made, digest } = metadata;
  checkDigest(bytes, digest);
  if (!/^[0-9a-f]{32}$/.test(device ?? '') || !Number.isFinite(Date.parse(made ?? '')))
    throw new SpikewireError('file', 'metadata', 'does not say which device made it, or when', 'device and made');
  const machines = [...tensors].map(([name, { data }]): [string, MachineBackup] => {
    if (!MACHINE.test(name) || !(data instanceof Uint8Array)) throw noBackup(name);
    const { slots, model } = readBackup(data);
    if (model === undefined) throw noBackup(name);
    return [name, { slots, base: { name: metadata[BASE + name] ?? model.name, bytes: model.bytes } }];
  });
  return { device: device!, made: new Date(made!).toISOString(), machines: new Map(machines) };
}

function noBackup(name: string): SpikewireError {
  return new SpikewireError('file', JSON.stringify(name), 'is not a backup of a machine', 'states and a model');
}
