export { makeFolder } from '../atomic-file.ts';
export { messageShape } from './message-shape.ts';
export { type RecordedReading, type RecordedShape, readRecorded } from './recorded-file.ts';
export { Recording, type RecordingOptions } from './recording.ts';
