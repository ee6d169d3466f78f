import { join } from 'node:path';
import type { Quantities, SysfsChannel, SysfsDevice } from './sysfs/channel.ts';
import { type SysfsDriver, type SysfsOptions, sysfsDriver } from './sysfs/driver.ts';
import { entriesOf, placeOf, readText } from './sysfs/tree.ts';

/** What chips measure, in the order of their channels: unit, and how many of the attribute's units make one. */
const quantities: Quantities = {
  temp: { unit: '°C', divisor: 1000 },
  humidity: { unit: '%', divisor: 1000 },
  fan: { unit: 'rpm', divisor: 1 },
  in: { unit: 'V', divisor: 1000 },
  curr: { unit: 'A', divisor: 1000 },
  power: { unit: 'W', divisor: 1_000_000 },
};

/**
 * Hardware monitoring chips: `hwmon:<chip>` is all channels of a chip, `hwmon:<chip>/<channel>` one of them, by its
 * label (`Package id 0`) or, where it has none, by its attribute (`temp1`). Voltages are those at the chip's pins.
 *
 * Source: Linux kernel, Documentation/hwmon/sysfs-interface.rst.
 */
export function hwmonDriver(options?: SysfsOptions): SysfsDriver {
  return sysfsDriver({ scheme: 'hwmon', summary: 'hardware monitoring chips of this device', find }, options);
}

async function find(root: string): Promise<SysfsDevice[]> {
  const folder = join(root, 'class', 'hwmon');
  const chips = await Promise.all((await entriesOf(folder)).map((entry) => describeChip(root, folder, entry)));
  return chips.filter(({ channels }) => channels.length > 0);
}

async function describeChip(root: string, parent: string, entry: string): Promise<SysfsDevice> {
  const folder = join(parent, entry);
  const files = await entriesOf(folder);
  const name = (await readText(join(folder, 'name'))) || entry;
  const channels = await Promise.all(
    Object.keys(quantities).flatMap((quantity) => channelsOf(quantity, folder, files)),
  );
  return { name, place: await placeOf(folder, root), entry, channels: withUniqueNames(channels) };
}

function channelsOf(quantity: string, folder: string, files: readonly string[]): Promise<SysfsChannel>[] {
  const pattern = new RegExp(`^(${quantity}\\d+)_input$`);
  const attributes = files.flatMap((file) => pattern.exec(file)?.[1] ?? []);
  return attributes.map(async (attribute) => ({
    attribute,
    name: (await readText(join(folder, `${attribute}_label`))) || attribute,
    ...quantities[quantity]!,
    file: join(folder, `${attribute}_input`),
    ...(files.includes(`${attribute}_fault`) ? { fault: join(folder, `${attribute}_fault`) } : {}),
  }));
}

/** Labels are the vendor's, and a board may have two `GND`: those go by their attributes as well. */
function withUniqueNames(channels: readonly SysfsChannel[]): SysfsChannel[] {
  return channels.map((channel) => {
    const namesakes = channels.filter(({ name }) => name === channel.name);
    return namesakes.length > 1 ? { ...channel, name: `${channel.name} (${channel.attribute})` } : channel;
  });
}
