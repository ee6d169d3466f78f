import { describeValue, SpikewireError } from 'spikewire';
import type { Message } from '../node-red.ts';
import type { Reply } from './infer.ts';
import type { Nets } from './nets.ts';
import { type ModelSource, modelPath } from './settings.ts';

/**
 * Does what a message asks for that brings a model in `model`, its bytes or the path of its file, or has the command
 * `reload`; undefined for another. Rejects with what is wrong with the model; the former one goes on then.
 */
export async function takeModel(nets: Nets, message: Message, userDir: string): Promise<Reply | undefined> {
  const { model, command } = message;
  if (model === undefined && command !== 'reload') return undefined;
  const answer = await nets.replaceModel(model === undefined ? undefined : sourceOf(model, userDir));
  delete message.model; // whoever comes next does not need its bytes
  Object.assign(message, { payload: answer, spikewire: { channels: nets.channels } });
  return { message, output: 'answer' };
}

function sourceOf(model: unknown, userDir: string): ModelSource {
  if (model instanceof Uint8Array) return { kind: 'made', make: async () => model };
  if (typeof model === 'string' && model !== '') return { kind: 'file', path: modelPath(model, userDir) };
  throw new SpikewireError('input', 'msg.model', `is ${describeValue(model)}`, 'the bytes of a model, or its path');
}
