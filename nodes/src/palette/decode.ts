import { type Decoder, type DecoderKind, decoderKindOf, decoderKinds, RandomGenerator } from '@spikewire/models';
import type { FieldTable, FieldValues } from '../field.ts';
import { ByTopic } from '../messages/by-topic.ts';
import { handleMessages } from '../messages/handle-messages.ts';
import { StatusLine } from '../messages/status-line.ts';
import type { Message, NodeRed, RuntimeNode } from '../node-red.ts';
import { kindFields, kindParameters, readEnds } from '../spikes/kind-fields.ts';
import { type SpikeWindow, windowOf } from '../spikes/spikes.ts';
import { paletteNode } from './node.ts';

/** Those that read spikes and need no labels to be taught by: the classifier is a node of its own. */
const kinds = decoderKinds.filter(({ type, reads }) => reads !== 'membrane' && type !== 'teachable');

const own = {
  decoder: { form: 'word', icon: 'random', words: kinds.map(({ type }) => type), default: 'count' },
  labels: { form: 'text', icon: 'tags', hint: 'labels' },
  range: { form: 'text', icon: 'arrows-h', hint: 'range', when: { decoder: 'population-vector' } },
  dt: { form: 'number', icon: 'clock-o', minimum: 1e-6, maximum: 10, default: 0.001, unit: 'seconds' },
} as const satisfies FieldTable;
const fields: typeof own & FieldTable = { ...own, ...kindFields(kinds, 'decoder', ['range']) };

type Fields = FieldValues<typeof own>;

/** Makes spikes values or a class. */
export const decodeNode = paletteNode({
  type: 'spikewire-decode',
  category: 'spikewire',
  label: 'decode',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['spikes'],
  outputs: ['result'],
  fields,
  first: ['decoder', 'labels', 'range'],
  open: openDecode,
});

interface Decoding {
  readonly decoder: Decoder;
  readonly size: number;
  readonly steps: number;
}

function openDecode(RED: NodeRed, node: RuntimeNode, fields: Fields): void {
  const kind = decoderKindOf(fields.decoder, 'decoder');
  const ends = readEnds('range', fields.range);
  const parameters = { ...kindParameters(kind, fields), ...(ends === undefined ? {} : { range: ends }) };
  const labels = fields.labels.split(',').map((label) => label.trim());
  const status = new StatusLine(node, RED._);
  const decodings = new ByTopic<Decoding>();
  status.waiting();
  handleMessages(node, status, (message, send) => {
    const window = windowOf(message.payload);
    const { decoder } = decodings.get(
      message.topic,
      ({ size, steps }) => size === window.size && steps === window.steps,
      () => decodingFor(kind, parameters, window, fields.dt),
    );
    send(resultMessage(kind, decoder, window, labels, message));
    status.show({ fill: 'green', shape: 'dot', text: 'status.decoding' });
  });
}

function decodingFor(
  kind: DecoderKind,
  parameters: Readonly<Record<string, unknown>>,
  { size, steps }: SpikeWindow,
  dt: number,
): Decoding {
  const site = { where: kind.type, size, steps, dt, random: new RandomGenerator(1, 'decode') };
  return { decoder: kind.prepare(parameters, site), size, steps };
}

function resultMessage(
  kind: DecoderKind,
  decoder: Decoder,
  { steps, events }: SpikeWindow,
  labels: readonly string[],
  message: Message,
): Message {
  const { values, winner } = decoder.decode({ steps, events, membrane: undefined });
  const numbers = Array.from(values);
  const one = numbers.length === 1 ? numbers[0] : numbers;
  const payload = kind.classifies ? labels[winner] || winner : one;
  return { ...message, payload, spikewire: { values: numbers, ...(kind.classifies ? { winner } : {}) } };
}
