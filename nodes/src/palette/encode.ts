import { type Encoder, type EncoderKind, encoderKindOf, encoderKinds, RandomGenerator } from '@spikewire/models';
import { describeValue, SpikewireError } from 'spikewire';
import type { FieldTable, FieldValues } from '../field.ts';
import { ByTopic } from '../messages/by-topic.ts';
import { handleMessages } from '../messages/handle-messages.ts';
import { StatusLine } from '../messages/status-line.ts';
import { checkLength } from '../nets/plain-document.ts';
import type { NodeRed, RuntimeNode } from '../node-red.ts';
import { kindFields, kindParameters, readEnds } from '../spikes/kind-fields.ts';
import { MOST_PLACES, MOST_STEPS, SpikesOfSteps } from '../spikes/spikes.ts';
import { paletteNode } from './node.ts';

/** Parameters of a range: two have fields for all kinds, the others are as the kinds have them. */
const RANGE = ['range', 'warmUp', 'tail', 'widen', 'fence', 'follow'];

const own = {
  encoder: { form: 'word', icon: 'random', words: encoderKinds.map(({ type }) => type), default: 'latency' },
  steps: { form: 'integer', icon: 'ellipsis-h', minimum: 1, maximum: MOST_STEPS, default: 32, unit: 'steps' },
  dt: { form: 'number', icon: 'clock-o', minimum: 1e-6, maximum: 10, default: 0.001, unit: 'seconds' },
  range: { form: 'text', icon: 'arrows-h', hint: 'range' },
  warmUp: { form: 'integer', icon: 'hourglass-start', minimum: 2, maximum: 1e6, default: 300, unit: 'warmUp' },
  seed: { form: 'integer', icon: 'leaf', minimum: 0, maximum: 2 ** 31, default: 1 },
} as const satisfies FieldTable;
const fields: typeof own & FieldTable = { ...own, ...kindFields(encoderKinds, 'encoder', RANGE) };

type Fields = FieldValues<typeof own>;

/** Makes readings spikes. */
export const encodeNode = paletteNode({
  type: 'spikewire-encode',
  category: 'spikewire',
  label: 'encode',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['input'],
  outputs: ['spikes'],
  fields,
  first: ['encoder', 'steps', 'range'],
  open: openEncode,
});

interface Encoding {
  readonly encoder: Encoder;
  readonly size: number;
}

function openEncode(RED: NodeRed, node: RuntimeNode, fields: Fields): void {
  const { steps } = fields;
  const kind = encoderKindOf(fields.encoder, 'encoder');
  const ends = readEnds('range', fields.range);
  const parameters = { ...kindParameters(kind, fields), range: ends ?? 'auto', warmUp: fields.warmUp };
  encodingFor(kind, parameters, 1, fields); // refuses parameters that do not fit before the first message
  const status = new StatusLine(node, RED._);
  const encodings = new ByTopic<Encoding>();
  status.waiting();
  handleMessages(node, status, (message, send) => {
    const reading = readingOf(message.payload);
    const { encoder, size } = encodings.get(
      message.topic,
      (known) => known.encoder.channels === reading.length,
      () => encodingFor(kind, parameters, reading.length, fields),
    );
    const window = new SpikesOfSteps(size, steps);
    encoder.encode(reading, (step, index, value) => window.add(step, index, value));
    const { ready, samples, of } = encoder.range;
    if (!ready) {
      const text = RED._('status.warmUp', { percent: Math.floor((100 * samples) / of) });
      status.show({ fill: 'yellow', shape: 'dot', text });
      return;
    }
    status.show({ fill: 'green', shape: 'dot', text: 'status.encoding' });
    send({ ...message, payload: { t: Date.now(), ...window.spikes } });
  });
}

/** An encoder for so many channels: how many elements these take is the kind's own business. */
function encodingFor(
  kind: EncoderKind,
  parameters: Readonly<Record<string, unknown>>,
  channels: number,
  { steps, dt, seed }: Fields,
): Encoding {
  let problem: unknown;
  for (const elements of [1, 2, Number(parameters.fields ?? 1), 1 / Number(parameters.frames ?? 1)]) {
    const size = channels * elements;
    if (!Number.isInteger(size) || size * steps > MOST_PLACES) continue;
    const site = { where: kind.type, size, steps, dt, random: new RandomGenerator(seed, 'encode') };
    try {
      const encoder = kind.prepare(parameters, site);
      if (encoder.channels === channels) return { encoder, size };
    } catch (failure) {
      problem ??= failure;
    }
  }
  throw (
    problem ?? new SpikewireError('input', 'msg.payload', `has ${channels} numbers`, 'as many as the encoder takes')
  );
}

/** The numbers of a payload: one, a list, or those of an object in its order. Throws `input`. */
function readingOf(payload: unknown): readonly number[] {
  const values = typeof payload === 'number' ? [payload] : listOf(payload);
  if (values.length > 0 && values.every((value) => typeof value === 'number' && Number.isFinite(value))) return values;
  const expected = 'a number, or numbers in an array or object';
  throw new SpikewireError('input', 'msg.payload', `is ${describeValue(payload)}`, expected);
}

function listOf(payload: unknown): number[] {
  if (typeof payload !== 'object' || payload === null) return [];
  const isList = Array.isArray(payload) || (ArrayBuffer.isView(payload) && !(payload instanceof DataView));
  checkLength(isList ? (payload as unknown as ArrayLike<unknown>) : Object.keys(payload), 'msg.payload');
  const list = (isList ? payload : Object.values(payload)) as number[];
  return Array.from(list);
}
