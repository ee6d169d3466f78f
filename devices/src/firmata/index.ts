export {
  type BoardOptions,
  type BoardStatus,
  type EncoderSettings,
  FirmataBoard,
  LINE_RATES,
  type LineRate,
} from './board.ts';
export { type CheckedMessage, packMessage, unpackMessage } from './checked-message.ts';
export { type BoardEvent, type BoardFrame, type Code, EncoderFrames } from './encoder-frames.ts';
export { HeldSamples } from './held-samples.ts';
export { type FirmataMessage, FirmataParser } from './parser.ts';
export { openSerialLine } from './serial-line.ts';
