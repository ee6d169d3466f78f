import { readSafetensors, SpikewireError, tensor, writeSafetensors } from '@spikewire/models';
import type { Sums } from '@spikewire/models/aggregation';

/** What a device sends to a round: sums of its lessons, as the base of the round sees them. */
export interface Part {
  /** Id of the round. */
  readonly round: string;
  /** SHA-256 of the base's file, in hex. */
  readonly base: string;
  /** Their classes are those of the base, in its order. */
  readonly sums: Sums;
}

/** Of a part, in bytes. */
export const LARGEST_PART = 2 ** 22;
/**
 * A part with fewer lessons never leaves a device, whatever a controller asks for: the sums of one lesson are the
 * lesson. Lessons of a class with fewer are left out: the targets of a class with one lesson are that lesson.
 */
export const LEAST_LESSONS = 8;
export const LEAST_OF_CLASS = 4;
/** Lessons in a part, at most. */
export const MOST_LESSONS = 2048;

const FORMAT = { format: 'spikewire-part', version: '1' };

/**
 * A safetensors file: `products` and `targets` of the sums in float32, and in the metadata what they are of. Throws
 * `budget` where there are too few lessons, or too many, or the file would be too large.
 */
export function writePart({ round, base, sums }: Part): Uint8Array {
  expectEnough(sums);
  const { inputs, classes, samples, products, targets } = sums;
  const tensors = new Map([
    ['products', tensor(Float32Array.from(products))],
    ['targets', tensor(Float32Array.from(targets), [inputs, classes])],
  ]);
  const bytes = writeSafetensors(tensors, { ...FORMAT, round, base, samples: String(samples) });
  if (bytes.length <= LARGEST_PART) return bytes;
  throw new SpikewireError('budget', 'part', `has ${bytes.length} bytes`, `at most ${LARGEST_PART}`);
}

function expectEnough({ samples, targets, classes }: Sums): void {
  if (samples < LEAST_LESSONS || samples > MOST_LESSONS)
    throw new SpikewireError('budget', 'part', `is of ${samples} lessons`, `${LEAST_LESSONS} to ${MOST_LESSONS}`);
  for (let c = 0; c < classes; c++) {
    const lessons = targets[c]!; // x₀ is 1
    if (lessons > 0 && lessons < LEAST_OF_CLASS)
      throw new SpikewireError('budget', 'part', `has ${lessons} lessons of a class`, `none, or ${LEAST_OF_CLASS}`);
  }
}

/** Reads any bytes. Throws `input` where they are no part; whether its sums can be of lessons is not checked here. */
export function readPart(bytes: Uint8Array): Part {
  try {
    return partIn(bytes);
  } catch (failure) {
    if (failure instanceof SpikewireError && failure.code === 'input') throw failure;
    throw new SpikewireError('input', 'part', `cannot be read: ${(failure as Error).message}`, undefined, failure);
  }
}

function partIn(bytes: Uint8Array): Part {
  const { tensors, metadata } = readSafetensors(bytes);
  const { format, version, round, base, samples = '' } = metadata;
  if (format !== FORMAT.format || version !== FORMAT.version) throw wrong(`is of format ${format} ${version}`);
  if (!/^[0-9a-f]{16}$/.test(round ?? '')) throw wrong('names no round');
  if (!/^[0-9a-f]{64}$/.test(base ?? '')) throw wrong('names no base');
  if (!/^[1-9]\d{0,8}$/.test(samples)) throw wrong('has no number of samples');
  const [products, targets] = [tensors.get('products'), tensors.get('targets')];
  const [inputs, classes] = targets?.shape ?? [];
  if (!(products?.data instanceof Float32Array) || !(targets?.data instanceof Float32Array) || !inputs || !classes)
    throw wrong('has no products or targets');
  if (targets.shape.length !== 2 || products.data.length !== (inputs * (inputs + 1)) / 2)
    throw wrong(`has ${products.data.length} products for ${inputs} inputs`);
  const sums = { products: Float64Array.from(products.data), targets: Float64Array.from(targets.data) };
  return { round: round!, base: base!, sums: { inputs, classes, samples: Number(samples), ...sums } };
}

function wrong(problem: string): SpikewireError {
  return new SpikewireError('input', 'part', problem, 'sums of lessons, as docs/fleet-protocol.md says');
}
