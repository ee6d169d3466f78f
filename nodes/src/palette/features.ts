import { setImmediate } from 'node:timers/promises';
import type { FieldTable, FieldValues } from '../field.ts';
import { ByTopic } from '../messages/by-topic.ts';
import { handleMessages } from '../messages/handle-messages.ts';
import { StatusLine } from '../messages/status-line.ts';
import { Turns } from '../nets/turns.ts';
import type { Message, NodeRed, NodeStatus, RuntimeNode, Send } from '../node-red.ts';
import { positive, SAMPLE_FORMS, samplesOf } from '../vibration/samples.ts';
import { Vibration, type VibrationSettings, type VibrationWindow } from '../vibration/vibration.ts';
import { type Machine, ZONE_LIMITS, type ZoneName } from '../vibration/vibration-zone.ts';
import { paletteNode } from './node.ts';

const LENGTHS = ['256', '512', '1024', '2048', '4096', '8192', '16384'] as const;
const MACHINES = Object.keys(ZONE_LIMITS) as Machine[];
const geometry = { when: { bearing: 'geometry' }, icon: 'circle-o' } as const;

const fields = {
  rate: { form: 'number', icon: 'tachometer', minimum: 0.001, maximum: 1e6, default: 12_000, unit: 'hertz' },
  length: { form: 'word', icon: 'arrows-h', words: LENGTHS, default: '2048' },
  hop: { form: 'integer', icon: 'step-forward', minimum: 1, maximum: 65_536, hint: 'hop', unit: 'samples' },
  samples: { form: 'word', icon: 'file-code-o', words: SAMPLE_FORMS, default: 'float32' },
  scale: { form: 'number', icon: 'times', minimum: -1e9, maximum: 1e9, default: 1 },
  unit: { form: 'word', icon: 'balance-scale', words: ['m/s2', 'g'], default: 'm/s2' },
  bands: { form: 'integer', icon: 'bar-chart', minimum: 0, maximum: 128, default: 8, unit: 'bands' },
  zones: { form: 'word', icon: 'thermometer-half', words: ['off', ...MACHINES], default: 'off' },
  bearing: { form: 'word', icon: 'circle-o-notch', words: ['off', 'geometry'], default: 'off' },
  rpm: { ...geometry, form: 'number', minimum: 0.1, maximum: 1e6, default: 1800, unit: 'rpm' },
  balls: { ...geometry, form: 'integer', minimum: 3, maximum: 200, default: 9 },
  ballDiameter: { ...geometry, form: 'number', minimum: 0.01, maximum: 1e4, default: 7.94, unit: 'millimetres' },
  pitchDiameter: { ...geometry, form: 'number', minimum: 0.01, maximum: 1e4, default: 39.04, unit: 'millimetres' },
  contactAngle: { ...geometry, form: 'number', minimum: 0, maximum: 89, default: 0, unit: 'degrees' },
  carrier: { ...geometry, form: 'number', minimum: 0, maximum: 5e5, default: 1000, unit: 'hertz' },
  logarithms: { form: 'flag', icon: 'superscript', default: false, hint: 'logarithms' },
} as const satisfies FieldTable;

type Fields = FieldValues<typeof fields>;

/** Messages that wait while one of many windows is measured. */
const WAITING = 256;

/** Measures blocks of vibration, or single readings gathered to blocks. */
export const featuresNode = paletteNode({
  type: 'spikewire-features',
  category: 'spikewire',
  label: 'features',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['input'],
  outputs: ['features'],
  fields,
  first: ['rate', 'length', 'unit', 'zones'],
  open: openFeatures,
});

function openFeatures(RED: NodeRed, node: RuntimeNode, fields: Fields): void {
  const settings = settingsOf(fields);
  const shaft = fields.rpm / 60;
  new Vibration(settings, fields.rate).take([], shaft); // refuses settings that do not fit before the first message
  const status = new StatusLine(node, RED._);
  const sensors = new ByTopic<Vibration>();
  status.waiting();
  const turns = new Turns(WAITING);
  const measure = async (message: Message, send: Send) => {
    const rate = positive('rate', message.rate, fields.rate);
    // What was gathered at another rate is no part of a window at this one.
    const sensor = sensors.get(
      message.topic,
      (known) => known.rate === rate,
      () => new Vibration(settings, rate),
    );
    const samples = samplesOf(message.payload, fields.samples, fields.scale, sensor.most);
    let last: VibrationWindow | undefined;
    for (const window of sensor.take(samples, positive('rpm', message.rpm, fields.rpm) / 60)) {
      if (last !== undefined) await setImmediate(); // other nodes have their turn between two windows
      last = window;
      send(messageOf(message, window));
    }
    if (last !== undefined) status.show(statusOf(last));
  };
  handleMessages(node, status, (message, send) => turns.run('', () => measure(message, send)));
  node.on('close', (_removed, done) => {
    turns.close(0).finally(done);
  });
}

function settingsOf(fields: Fields): VibrationSettings {
  const { unit, bands, zones, bearing, balls, ballDiameter, pitchDiameter, contactAngle, carrier, logarithms } = fields;
  const length = Number(fields.length);
  return {
    ...{ length, hop: fields.hop ?? length, unit, bands, carrier, logarithms },
    machine: zones === 'off' ? undefined : (zones as Machine),
    bearing: bearing === 'off' ? undefined : { balls, ballDiameter, pitchDiameter, contactAngle },
  };
}

function messageOf(message: Message, { features, zone, frequencies }: VibrationWindow): Message {
  return { ...message, payload: features, ...(zone && { zone }), ...(frequencies && { frequencies }) };
}

const FILLS = { A: 'green', B: 'green', C: 'yellow', D: 'red' } as const satisfies Readonly<Record<ZoneName, string>>;

function statusOf({ zone }: VibrationWindow): NodeStatus {
  if (zone === undefined) return { fill: 'green', shape: 'dot', text: 'status.measuring' };
  return { fill: FILLS[zone.zone], shape: 'dot', text: `status.zone${zone.zone}` };
}
