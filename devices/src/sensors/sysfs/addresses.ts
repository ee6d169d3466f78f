import type { SysfsChannel, SysfsDevice } from './channel.ts';

/** A device and the names that mean it alone, the shortest first. */
export interface AddressedDevice extends SysfsDevice {
  readonly addresses: readonly [string, ...string[]];
}

/** From short to certain: what it is, where it sits, and which one of the class it happens to be now. */
const forms: readonly ((device: SysfsDevice) => string)[] = [
  ({ name }) => name,
  ({ name, place }) => `${name}@${place}`,
  ({ name, place, entry }) => `${name}@${place},${entry}`,
];

/**
 * Names that mean the same device after the next boot. One that several devices share means none of them, so that a
 * second chip of a kind makes an address wrong, never another chip; the longer names go on to work when a namesake
 * leaves.
 */
export function addressDevices(devices: readonly SysfsDevice[]): AddressedDevice[] {
  return devices.map((device) => {
    const own = forms.filter((form) => devices.every((other) => other === device || form(other) !== form(device)));
    return { ...device, addresses: own.map((form) => form(device)) as [string, ...string[]] };
  });
}

/**
 * The device, and the channels of it, that `<address>` or `<address>/<channel>` means; undefined where there is none.
 */
export function findDevice(
  devices: readonly AddressedDevice[],
  wanted: string,
): { readonly device: AddressedDevice; readonly channels: readonly SysfsChannel[] } | undefined {
  for (const device of devices) {
    if (device.addresses.includes(wanted)) return { device, channels: device.channels };
    const channel = device.channels.find(({ name, attribute }) =>
      device.addresses.some((address) => wanted === `${address}/${name}` || wanted === `${address}/${attribute}`),
    );
    if (channel !== undefined) return { device, channels: [channel] };
  }
  return undefined;
}
