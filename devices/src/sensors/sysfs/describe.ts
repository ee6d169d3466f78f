import type { SensorDescription } from 'spikewire/sensors';
import type { SysfsChannel, SysfsDevice } from './channel.ts';

/** A device, or some channels of it, by an address that means it. */
export function describe(
  address: string,
  { name, place }: SysfsDevice,
  channels: readonly SysfsChannel[],
): SensorDescription {
  return {
    address,
    name: name === place ? name : `${name} at ${place}`,
    channels: channels.map(({ name: channel, unit }) => ({ name: channel, unit })),
  };
}
