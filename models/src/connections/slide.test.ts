import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Slide } from './slide.ts';

const upTo = (max: number) => fc.integer({ min: 1, max });
const along = fc.record({
  ...{ windows: upTo(9), taps: upTo(9), stride: upTo(12), dilation: upTo(12) },
  padding: fc.integer({ min: -20, max: 20 }),
});

function slideOf(windows: number, taps: number, stride: number, dilation: number, padding: number): Slide {
  const both = (number: number) => [1, number] as const;
  const sizes = { inputChannels: 1, outputChannels: 1, inputSize: both(1), groups: 1 };
  const own = { outputSize: both(windows), kernel: both(taps), stride: both(stride) };
  return new Slide({ ...sizes, ...own, dilation: both(dilation), padding: both(padding) }, 1);
}

function met(slide: Slide, element: number): string[] {
  const found: string[] = [];
  for (let tap = slide.firstTap(element); tap <= slide.lastTap(element); tap += slide.step) {
    found.push(`tap ${tap} of window ${slide.windowOf(element, tap)}`);
  }
  return found;
}

it('names the taps that meet an element, and their windows, as all pairs of them do', () => {
  fc.assert(
    fc.property(along, fc.nat(60), ({ windows, taps, stride, dilation, padding }, element) => {
      const expected: string[] = [];
      for (let tap = 0; tap < taps; tap++) {
        for (let window = 0; window < windows; window++) {
          if (window * stride + tap * dilation - padding === element) expected.push(`tap ${tap} of window ${window}`);
        }
      }
      expect(met(slideOf(windows, taps, stride, dilation, padding), element)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

it('is exact in the largest steps that there may be', () => {
  const [stride, dilation] = [2 ** 26, 2 ** 26 - 1];
  const slide = slideOf(3, 3, stride, dilation, 2 ** 26);
  expect(met(slide, 2 ** 26 - 1)).toEqual(['tap 1 of window 1']);
  expect(met(slide, 2 ** 26 - 2)).toEqual(['tap 2 of window 0']);
  expect(met(slide, 2 ** 26 - 3)).toEqual([]);
});
