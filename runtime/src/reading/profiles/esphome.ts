import type { Profile } from './profile.ts';

/** A topic for each entity, with a number, ON, OFF or nan as bare text. */
export const esphome: Profile = {
  name: 'esphome',
  summary: 'ESPHome, --in <device>, or + for many, and --join',
  source: 'esphome.io, MQTT Client Component, and mqtt_sensor and mqtt_binary_sensor of its API (read 2026-11)',
  channel: () => [],
  time: [],
  topics: (name) => [`sensor/${name}/state`, `binary_sensor/${name}/state`],
};
