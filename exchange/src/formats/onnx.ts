import type { ImmediateFormat } from '@spikewire/models';
import { readAnalogueNet } from '../onnx/analogue/read.ts';
import { writeSpikingNet } from '../onnx/spiking/write.ts';

/** ModelProto begins with its version, and then has another of its fields, all of which but one have a length. */
const [VERSION, LATEST] = [0x08, 32];
const NEXT_FIELDS: readonly number[] = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca];

/**
 * Read: nets of other frameworks as analogue nets of rectifiers, for `spikewire convert`. Written: the step of a net,
 * with its state as input and output, for runtimes of ONNX; that is not read again.
 */
export const onnx: ImmediateFormat = {
  name: 'onnx',
  summary: 'read by convert: a non-spiking net of another framework; written: one time step of a net, or several',
  extensions: ['.onnx'],
  sniff: ([first, version, next]) =>
    first === VERSION && version! > 0 && version! <= LATEST && NEXT_FIELDS.includes(next!),
  hasEnds: true,
  read: readAnalogueNet,
  hasSteps: true,
  write: (model, choices = {}) => writeSpikingNet(model, choices),
};
