import type { Profile } from './profile.ts';

/**
 * An object for each sensor in one of the device, in `tele/<topic>/SENSOR` or below `StatusSNS` in `STATUS10`; keys
 * begin with a capital. Times are those of the device, without a zone.
 */
export const tasmota: Profile = {
  name: 'tasmota',
  summary: 'Tasmota, --in tele/+/SENSOR',
  source: 'tasmota.github.io/docs, AM2301 and JSON Status Responses (read 2026-11)',
  channel(name) {
    const key = name.slice(0, 1).toUpperCase() + name.slice(1);
    const keys = name === 'energy' ? ['Total'] : name === 'state' ? ['POWER'] : [key];
    return keys.flatMap((each) => [each, `*.${each}`, `*.*.${each}`]);
  },
  time: ['Time', 'StatusSNS.Time'],
};
