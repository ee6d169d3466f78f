import {
  classifierModel,
  type FeatureStage,
  featureCandidates,
  readAnyModel,
  SpikewireError,
  writeModel,
} from 'spikewire';
import { messageShape, type RecordedShape } from 'spikewire/recorded';
import { type ReadingForm, ReadingReader } from 'spikewire/session';
import type { DocumentForm } from '../nets/kept-document.ts';

/** What readings hold. */
export type ClassifierShape = RecordedShape;

const MOST_CHANNELS = 256;
const LONGEST_BLOCK = 65_536;

/** What a message says of all. Throws `input` where it is no reading, or one that no net can take. */
export function shapeOf(payload: Uint8Array, form: ReadingForm): ClassifierShape {
  const shape = messageShape(payload, form);
  const { channels, numbers } = shape;
  const block = blockOf(shape);
  if (namesOf(shape).length > MOST_CHANNELS || block > LONGEST_BLOCK) {
    const expected = `at most ${MOST_CHANNELS} channels, or blocks of ${LONGEST_BLOCK}`;
    throw new SpikewireError('input', 'message', `has ${numbers} numbers`, expected);
  }
  const named = channels.map((name) => ({ name, unit: '' }));
  if (new ReadingReader({ channels: named }, numbers, form).read('', payload, 0) !== undefined) return shape;
  throw new SpikewireError('input', 'message', 'lacks a channel', 'a first reading with all channels');
}

/** What readings hold, as it is kept. */
export const shapeDocument: DocumentForm<ClassifierShape> = {
  file: 'shape.json',
  toJson: (shape) => shape,
  fromJson(document) {
    const { channels, numbers } = (document ?? {}) as Partial<ClassifierShape>;
    const areNames = Array.isArray(channels) && channels.every((name) => typeof name === 'string');
    return areNames && Number.isInteger(numbers) ? { channels, numbers: numbers! } : undefined;
  },
};

/** Numbers of a channel in a reading; where channels have no names, each number is one. */
export function blockOf({ channels, numbers }: ClassifierShape): number {
  return channels.length === 0 ? 1 : Math.floor(numbers / channels.length);
}

/** As training names channels that have no name. */
function namesOf({ channels, numbers }: ClassifierShape): readonly string[] {
  return channels.length > 0 ? channels : Array.from({ length: numbers }, (_, k) => `ch${k + 1}`);
}

/** What `spikewire new classifier` makes for such readings; the same always makes the same model. */
export function classifierBytes(
  shape: ClassifierShape,
  { takes, rate }: { readonly takes: 'readings' | 'features'; readonly rate: number | undefined },
): Uint8Array {
  const reading = { block: blockOf(shape), ...(rate === undefined ? {} : { rate }) };
  const features: readonly FeatureStage[] = takes === 'features' ? [] : featureCandidates(reading)[0]!.stages;
  const channels = namesOf(shape).map((name) => ({ name, unit: '' }));
  return writeModel(classifierModel({ channels, features }));
}

/**
 * A trained model for such readings: one that takes blocks takes single samples, too, because its windows then gather
 * what a block would have brought. Throws what is wrong with it.
 */
export function trainedBytes(bytes: Uint8Array, shape: ClassifierShape): Uint8Array {
  const model = readAnyModel(bytes);
  const [[input, stages] = []] = [...(model.features ?? [])];
  if (input === undefined || blockOf(shape) > 1 || !beginsWith(stages!, 'block', 'window')) return bytes;
  return writeModel({ ...model, features: new Map([...model.features!, [input, stages!.slice(1)]]) });
}

function beginsWith(stages: readonly FeatureStage[], ...types: readonly string[]): boolean {
  return types.every((type, k) => (stages[k] as { readonly type?: string } | undefined)?.type === type);
}
