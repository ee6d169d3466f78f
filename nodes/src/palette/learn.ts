import { describeValue, SpikewireError } from 'spikewire';
import type { FieldTable, FieldValues } from '../field.ts';
import { NodeMessages } from '../messages/node-messages.ts';
import { typedValue } from '../messages/typed-value.ts';
import { plainDocument } from '../nets/plain-document.ts';
import { isAbsent } from '../nets/request.ts';
import type { Message, NodeRed, RuntimeNode } from '../node-red.ts';
import { netsOf } from './net.ts';
import { paletteNode } from './node.ts';

const fields = {
  net: { form: 'node', type: 'spikewire-net', icon: 'sitemap' },
  gives: { form: 'word', icon: 'graduation-cap', words: ['label', 'target', 'error', 'reward'], default: 'label' },
  value: {
    form: 'typed',
    icon: 'pencil',
    types: ['msg', 'str', 'num', 'flow', 'global', 'jsonata', 'env'],
    default: 'payload',
  },
  times: {
    form: 'number',
    icon: 'times',
    minimum: 0,
    maximum: 1000,
    default: 1,
    unit: 'times',
    when: { gives: ['error', 'reward'] },
  },
} as const satisfies FieldTable;

type Fields = FieldValues<typeof fields>;

/** Gives lessons to the nets of a `spikewire-net` node, and switches their learning on and off. */
export const learnNode = paletteNode({
  type: 'spikewire-learn',
  category: 'spikewire',
  label: 'learn',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['lesson'],
  outputs: ['answer'],
  fields,
  open: openLearn,
});

function openLearn(RED: NodeRed, node: RuntimeNode, fields: Fields): void {
  const lessons = new WeakMap<Message, object>();
  const messages = new NodeMessages(RED, node, {
    async netsFor(message) {
      const command = switchOf(message);
      if (command === undefined) lessons.set(message, await lessonOf(RED, node, fields, message));
      // What is left is about the last answer, or that at `t`: the payload is no reading.
      Object.assign(message, { payload: undefined, command });
      return netsOf(RED, fields.net);
    },
    taughtBy: async (message) => lessons.get(message),
    outputsOf: ({ message }) => [message],
  });
  messages.showStart(() => netsOf(RED, fields.net));
}

/** `msg.learning` asks for learning or none. */
function switchOf({ learning }: Message): 'learn' | 'freeze' | undefined {
  if (learning === undefined) return undefined;
  if (typeof learning === 'boolean') return learning ? 'learn' : 'freeze';
  throw new SpikewireError('input', 'msg.learning', `is ${describeValue(learning)}`, 'true or false');
}

async function lessonOf(RED: NodeRed, node: RuntimeNode, fields: Fields, message: Message): Promise<object> {
  const where = `${fields.value.type}.${fields.value.text}`;
  const value = plainDocument(await typedValue(RED, node, fields.value, message), where);
  if (isAbsent(value)) throw new SpikewireError('input', where, 'is missing', `a ${fields.gives}`);
  const { t } = message;
  return { [fields.gives]: scaled(fields, value), ...(t === undefined ? {} : { t }) };
}

/** Rules follow errors and rewards in proportion: so many times as much is learned. Other lessons are taken once. */
function scaled({ times }: Fields, value: unknown): unknown {
  const scale = (number: unknown) => (typeof number === 'number' ? number * times : number);
  return times === 1 ? value : Array.isArray(value) ? value.map(scale) : scale(value);
}
