import { Audit } from 'spikewire/desk';
import type { SensorDescription, SensorFigures } from 'spikewire/sensors';
import type { Reading } from 'spikewire/session';
import type { FieldTable, FieldValues } from '../field.ts';
import { StatusLine } from '../messages/status-line.ts';
import type { Message, NodeRed, RuntimeNode } from '../node-red.ts';
import { paletteNode } from './node.ts';

const fields = {
  address: { form: 'text', icon: 'plug', hint: 'address' },
  interval: { form: 'number', icon: 'clock-o', minimum: 0.001, maximum: 86_400, default: 5, unit: 'seconds' },
  length: { form: 'integer', icon: 'arrows-h', minimum: 1, maximum: 65_536, default: 1, unit: 'samples' },
} as const satisfies FieldTable;

type Fields = FieldValues<typeof fields>;

/** A sensor of this machine, by the address that `spikewire devices` lists. */
export const sensorNode = paletteNode({
  type: 'spikewire-sensor',
  category: 'spikewire',
  label: 'sensor',
  labelField: 'address',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  outputs: ['readings'],
  fields,
  tip: 'devices',
  open: openSensorNode,
});

function openSensorNode(RED: NodeRed, node: RuntimeNode, fields: Fields): void {
  const status = new StatusLine(node, RED._);
  const end = new AbortController();
  status.waiting();
  const following = follow(RED, node, status, fields, end.signal).catch((problem: Error) => {
    if (end.signal.aborted) return;
    status.problem(problem);
    node.error(problem.message);
  });
  node.on('close', (_removed, done) => {
    end.abort();
    following.finally(() => status.close()).finally(done);
  });
}

async function follow(
  RED: NodeRed,
  node: RuntimeNode,
  status: StatusLine,
  { address, interval, length }: Fields,
  signal: AbortSignal,
): Promise<void> {
  const { openSensor } = await import('spikewire/sensors');
  const warnings = new Audit((line) => node.warn(line));
  let said = '';
  const sensor = await openSensor(address, {
    interval,
    signal,
    onProblem(problem) {
      status.problem(problem);
      if (problem.message !== said) warnings.say('sensor', problem.message);
      said = problem.message;
    },
  });
  try {
    for (;;) {
      const reading = await sensor.read(length);
      if (reading === undefined) break;
      const { figures } = sensor;
      if (figures.problem === null) said = '';
      node.send(messageOf(sensor.description, reading, length, figures));
      show(RED, status, figures);
    }
  } finally {
    await sensor.close();
  }
}

/** One channel as it is, several by their names; of several samples an array for each. */
function messageOf(
  { address, channels, rate }: SensorDescription,
  { time, values }: Reading,
  length: number,
  figures: SensorFigures,
): Message {
  const parts = channels.map(({ name }, c) => {
    const own = values.subarray(c * length, (c + 1) * length);
    return [name, length === 1 ? own[0] : Array.from(own)] as const;
  });
  const payload = parts.length === 1 ? parts[0]![1] : Object.fromEntries(parts);
  return { payload, topic: address, time, ...(length > 1 ? { rate: rate ?? figures.rate } : {}), spikewire: figures };
}

function show(RED: NodeRed, status: StatusLine, { rate, channels, dropped }: SensorFigures): void {
  const isStuck = channels.some(({ stuck }) => stuck);
  const key = isStuck ? 'stuck' : dropped > 0 ? 'dropping' : 'reading';
  const text = RED._(`status.${key}`, { rate: rate === null ? '' : Number(rate.toPrecision(3)), dropped });
  status.show({ fill: key === 'reading' ? 'green' : 'yellow', shape: 'dot', text });
}
