import { SpikewireError } from '@spikewire/models';
import { esphome } from './esphome.ts';
import { plain } from './plain.ts';
import type { Profile } from './profile.ts';
import { shelly } from './shelly.ts';
import { statestream } from './statestream.ts';
import { tasmota } from './tasmota.ts';
import { zigbee2mqtt } from './zigbee2mqtt.ts';

/** How messages may be made. A new way is a file of its own and a line here. */
export const profiles: readonly Profile[] = [plain, zigbee2mqtt, tasmota, esphome, shelly, statestream];

/** The profile of a name. Throws `usage`. */
export function profileNamed(name: string): Profile {
  const profile = profiles.find((candidate) => candidate.name === name);
  if (profile !== undefined) return profile;
  throw new SpikewireError('usage', 'profile', `is "${name}"`, profiles.map((each) => each.name).join(', '));
}
