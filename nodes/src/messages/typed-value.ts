import { SpikewireError } from 'spikewire';
import type { Message, NodeRed, RuntimeNode } from '../node-red.ts';

/** Where a value for a message may stand. */
export const TYPED_VALUE = ['msg', 'str', 'flow', 'global', 'jsonata', 'env'] as const;

/** A field of form `typed`, as it was filled in. */
export interface TypedText {
  readonly type: string;
  readonly text: string;
}

/** What a field says of a message; undefined where the message has no such thing. Rejects with `input`. */
export function typedValue(
  RED: NodeRed,
  node: RuntimeNode,
  { type, text }: TypedText,
  message: Message,
): Promise<unknown> {
  if (text === '') return Promise.resolve(undefined);
  if (type === 'msg' && /^\w+$/.test(text)) return Promise.resolve(message[text]);
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(text, type, node, message, (problem, value) => {
      // `a.b` of a message without `a` is one.
      if (type === 'msg' && problem instanceof TypeError) resolve(undefined);
      else if (problem === null || problem === undefined) resolve(value);
      else reject(new SpikewireError('input', `${type}.${text}`, problem.message, 'a label or target', problem));
    });
  });
}
