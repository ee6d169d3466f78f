import type { Profile } from './profile.ts';

/** What components call quantities that have another name elsewhere. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  temperature: ['tC', 'temperature.tC'],
  humidity: ['rh'],
  power: ['apower', 'act_power', 'total_act_power'],
  energy: ['aenergy.total'],
  battery: ['battery.percent'],
  state: ['output', 'state'],
};

/**
 * Devices of the second and later generations: an object for each component in `params` of `<id>/events/rpc`, or one
 * component by itself in `<id>/status/<component>`. Notifications may have only what has changed.
 */
export const shelly: Profile = {
  name: 'shelly',
  summary: 'Shelly, second generation and later, --in +/events/rpc and --missing hold',
  source: 'shelly-api-docs.shelly.cloud/gen2, Notifications, Switch, Temperature, Humidity (version 1.0)',
  channel: (name) =>
    (Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name]! : [name]).flatMap((attribute) => [
      attribute,
      `*.${attribute}`,
      `params.*.${attribute}`,
    ]),
  time: ['params.ts'],
};
