import type { CoreEmission } from './core-image.ts';

/** Puts what an Input or a population emits, whole numbers, into words of the activity memory from `start` on. */
export function putEmission({ at, form }: CoreEmission, values: Float64Array, words: Uint16Array, start: number): void {
  const perWord = form === 'bits' ? 16 : 2;
  const [width, mask] = form === 'bits' ? [1, 1] : [8, 0xff];
  values.forEach((value, k) => {
    words[at - start + Math.floor(k / perWord)]! |= (value & mask) << (width * (k % perWord));
  });
}

/** The reverse. */
export function takeEmission(
  { at, form }: CoreEmission,
  values: Float64Array,
  words: Uint16Array,
  start: number,
): void {
  for (let k = 0; k < values.length; k++) {
    if (form === 'bits') values[k] = (words[at - start + (k >> 4)]! >> (k & 15)) & 1;
    else values[k] = ((words[at - start + (k >> 1)]! >> (8 * (k & 1))) << 24) >> 24;
  }
}
