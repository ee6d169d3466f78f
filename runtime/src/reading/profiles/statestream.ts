import type { Profile } from './profile.ts';

/** Domains whose states are numbers, or on and off. */
const DOMAINS = ['sensor', 'binary_sensor', 'input_number', 'number', 'switch', 'input_boolean'];

/**
 * A topic for the state of each entity, as bare text: a number, on or off, `unavailable` or `unknown`. It comes when
 * the state changes, and the broker keeps it. Attributes have topics beside it.
 */
export const statestream: Profile = {
  name: 'statestream',
  summary: 'MQTT Statestream of Home Assistant, --in <base topic> and --join, or --in <base topic>/sensor/+/state',
  source:
    'home-assistant.io/integrations/mqtt_statestream, ' +
    'and homeassistant/components/mqtt_statestream of core (read 2026-11)',
  channel: () => [],
  time: [],
  topics(name) {
    // An entity id has its domain.
    if (name.includes('.')) return [`${name.replace('.', '/')}/state`];
    return DOMAINS.map((domain) => `${domain}/${name}/state`);
  },
};
