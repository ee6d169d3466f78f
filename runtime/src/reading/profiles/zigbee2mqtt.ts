import type { Profile } from './profile.ts';

/** One object for each device, flat, on `zigbee2mqtt/<name>`. */
export const zigbee2mqtt: Profile = {
  name: 'zigbee2mqtt',
  summary: 'Zigbee2MQTT, --in zigbee2mqtt/+',
  source:
    'zigbee2mqtt.io, MQTT Topics and Messages (API of 1.17 and later) and advanced.last_seen of its configuration',
  channel: () => [],
  time: ['last_seen'],
};
