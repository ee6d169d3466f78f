import type { AcceleratorDescription } from 'spikewire/accelerators';
import type { Command } from 'spikewire/cli';
import type { SensorDescription } from 'spikewire/sensors';

/** `spikewire devices`: the sensors and boards of this machine, by the addresses that `run` takes. */
export const devices: Command = {
  name: 'devices',
  summary: 'list the sensors and boards of this machine',
  options: {},

  async run(_args, console) {
    const [{ sensorDrivers }, { acceleratorDrivers }] = await Promise.all([
      import('../sensors/index.ts'),
      import('../accelerators/index.ts'),
    ]);
    const sensors = (await Promise.all(sensorDrivers.map((driver) => driver.list()))).flat();
    const boards = (await Promise.all(acceleratorDrivers.map((driver) => driver.list()))).flat();
    console.result({ sensors, boards }, () => format(sensors, boards));
  },
};

function format(sensors: readonly SensorDescription[], boards: readonly AcceleratorDescription[]): string[] {
  return [
    ...section(
      'sensors',
      sensors.map(({ address, name, channels }) => [address, name, listChannels(channels)]),
    ),
    '',
    ...section(
      'boards',
      boards.map(({ address, name, abilities: { neurons = 'any', synapses = 'any' } }) => [
        address,
        name,
        `${neurons} neurons, ${synapses} synapses`,
      ]),
    ),
  ];
}

function section(title: string, rows: readonly (readonly [string, string, string])[]): string[] {
  if (rows.length === 0) return [`${title}: none`];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return [
    `${title}:`,
    ...rows.map(
      ([address, name, content]) => `  ${address.padEnd(widths[0]!)}  ${name.padEnd(widths[1]!)}  ${content}`,
    ),
  ];
}

function listChannels(channels: SensorDescription['channels']): string {
  return channels.map(({ name, unit }) => `${name} (${unit})`).join(', ');
}
