import type { WeightsSeen } from '../runs/run.ts';

const HEADER = 54;
const GREYS = 256;

/**
 * A bitmap of 256 greys (BMP, which every viewer and browser shows) of the weights into each neuron side by side, white
 * for the largest and black for the smallest of all.
 */
export function weightsPicture({ weights, form: [height, width] }: WeightsSeen): Uint8Array {
  const neurons = weights.length / (height * width);
  const across = Math.ceil(Math.sqrt(neurons));
  const down = Math.ceil(neurons / across);
  const [columns, rows] = [across * (width + 1) - 1, down * (height + 1) - 1];
  const stride = 4 * Math.ceil(columns / 4);
  const file = bitmap(columns, rows, stride);
  const [low, high] = extremesOf(weights);
  for (let k = 0; k < weights.length; k++) {
    const neuron = Math.floor(k / (height * width));
    const [y, x] = [Math.floor((k % (height * width)) / width), k % width];
    const row = Math.floor(neuron / across) * (height + 1) + y;
    const column = (neuron % across) * (width + 1) + x;
    // From the bottom up.
    const at = HEADER + 4 * GREYS + (rows - 1 - row) * stride + column;
    file[at] = high > low ? Math.round((255 * (weights[k]! - low)) / (high - low)) : 0;
  }
  return file;
}

/** A black one, with header and palette. */
function bitmap(columns: number, rows: number, stride: number): Uint8Array {
  const start = HEADER + 4 * GREYS;
  const file = new Uint8Array(start + stride * rows);
  const header = new DataView(file.buffer);
  header.setUint16(0, 0x424d);
  const fields = [
    [2, file.length],
    [10, start],
    [14, 40],
    [18, columns],
    [22, rows],
    [46, GREYS],
  ] as const;
  for (const [offset, value] of fields) header.setUint32(offset, value, true);
  header.setUint16(26, 1, true);
  header.setUint16(28, 8, true);
  for (let grey = 0; grey < GREYS; grey++) file.fill(grey, HEADER + 4 * grey, HEADER + 4 * grey + 3);
  return file;
}

function extremesOf(values: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < values.length; k++) {
    low = Math.min(low, values[k]!);
    high = Math.max(high, values[k]!);
  }
  return [low, high];
}
