import type { ImmediateFormat } from '@spikewire/models';
import { readAnalogueNet } from '../onnx/analogue/read.ts';

/** ModelProto begins with its version, and then has another of its fields, all of which but one have a length. */
const [VERSION, LATEST] = [0x08, 32];
const NEXT_FIELDS: readonly number[] = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca];

/**
 * Nets of other frameworks as analogue nets of rectifiers, for `spikewire convert`. Read only: what spikes has no
 * operators in ONNX.
 */
export const onnx: ImmediateFormat = {
  name: 'onnx',
  summary: 'non-spiking nets of other frameworks, for convert',
  extensions: ['.onnx'],
  sniff: ([first, version, next]) =>
    first === VERSION && version! > 0 && version! <= LATEST && NEXT_FIELDS.includes(next!),
  hasEnds: true,
  read: readAnalogueNet,
};
