import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where a sysfs lies if nobody says otherwise: the machine's own, or a recorded one. */
export function defaultRoot(): string {
  return process.env.SPIKEWIRE_SYSFS ?? '/sys';
}

/** The text of an attribute without its line end; undefined where there is no such attribute or it cannot be read. */
export async function readText(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text?.trim();
}

/** Names of the entries of a folder, `hwmon10` behind `hwmon9`; none where the folder does not exist. */
export async function entriesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/**
 * Where a class device sits: the name of the nearest device above it that is on a bus, such as `0000:02:00.0` (PCI),
 * `coretemp.0` (platform) or `1-0044` (I2C). Numbers of classes (`hwmon3`, `nvme1`) count devices in the order in which
 * they were found and change over reboots; bus addresses stay. A device that is on no bus has its own name.
 */
export async function placeOf(folder: string, root: string): Promise<string> {
  const own = await realpath(folder);
  const top = join(await realpath(root), 'devices');
  const device = await realpath(join(folder, 'device')).catch(() => own);
  for (let ancestor = device; ancestor.startsWith(`${top}/`); ancestor = dirname(ancestor)) {
    const subsystem = await readlink(join(ancestor, 'subsystem')).catch(() => '');
    if (/(^|\/)bus\/[^/]+$/.test(subsystem)) return lastPart(ancestor);
  }
  return lastPart(device);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
