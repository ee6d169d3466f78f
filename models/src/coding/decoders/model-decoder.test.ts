import { describe, expect, it } from 'vitest';
import { classifierModel } from '../../build/classifier.ts';
import { json } from '../../file/json.ts';
import { readModel, writeModel } from '../../file/spike.ts';
import { stateMeaning } from '../../file/state-meaning.ts';
import { viewsOf } from '../../kept-numbers.ts';
import type { Model } from '../../model/model.ts';
import { RandomGenerator } from '../../random/generator.ts';
import { tensor } from '../../tensor.ts';
import type { Decoder } from './decoder.ts';
import { baseOf, modelDecoder } from './model-decoder.ts';

const NEURONS = 6;
const blank = classifierModel({ channels: [{ name: 'x', unit: '' }], labels: ['a', 'b'], neurons: NEURONS });
const site = { where: 'decoder', size: 2 * NEURONS, dt: 0.001 };
const decoderOf = (model: Model) => modelDecoder(model, 'out', { ...site, random: new RandomGenerator(1, 'decoder') });

/** Counts of a window, larger at the even elements for class a. */
function counts(k: number): Uint8Array {
  return Uint8Array.from({ length: 2 * NEURONS }, (_, i) => 4 + ((k + i) % 2) * 5 + ((k * 7 + i * 3) % 4));
}

function taught(model = blank, lessons = 40, isSettled = true) {
  const decoder = decoderOf(model);
  for (let k = 0; k < lessons; k++) {
    decoder.teachable!.decodeCounts(counts(k));
    decoder.teachable!.teach(counts(k), 'ab'[k % 2]!);
  }
  if (isSettled) decoder.teachable!.settle();
  return decoder;
}

const known: Model = { ...blank, base: new Map([['out', baseOf(taught())]]) };

/** Bit for bit, but for a covariance, of which 16 bits are kept: within half of 1/32,767 of the largest beside it. */
function expectSame(decoder: Decoder, first: Decoder): void {
  const { evidence: _, ...state } = decoder.state!;
  for (const [name, view] of Object.entries(viewsOf(state))) {
    const before = first.state![name]!.view;
    if (!name.endsWith('.upper')) expect({ [name]: view }).toEqual({ [name]: before });
    for (let k = 0; k < view.length; k++) {
      const block = Array.from(before.subarray(k - (k % 64), k - (k % 64) + 64), Math.abs);
      const largest = Math.max(...block);
      expect(Math.abs(view[k]! - before[k]!)).toBeLessThanOrEqual((0.501 * largest) / 32_767);
    }
  }
}

describe('a model with a base', () => {
  it('takes two bytes for each number of a covariance, and no second copy of the weights', () => {
    const base = known.base!.get('out')!;
    const bytesOf = (name: string) => base.get(name)!.data.byteLength;
    const pairs = (NEURONS * (NEURONS + 1)) / 2;
    for (const view of [0, 1]) {
      expect(bytesOf(`adapted.${view}.upper`)).toBeLessThanOrEqual(2 * pairs);
      expect(bytesOf(`adapted.${view}.upper.units`)).toBe(4);
      expect(base.has(`adapted.${view}.weights`)).toBe(true);
      expect(base.has(`base.${view}`)).toBe(false);
    }
    const unsettled = baseOf(taught(blank, 40, false));
    expect(unsettled.has('base.0')).toBe(false);
  });

  it('begins from a base that keeps every number as it is', () => {
    const { evidence: _, ...state } = taught().state!;
    const whole = Object.entries(viewsOf(state)).map(([name, view]) => [name, tensor(view)] as const);
    const decoder = decoderOf(readModel(writeModel({ ...blank, base: new Map([['out', new Map(whole)]]) })));
    for (const [name, view] of Object.entries(viewsOf(state))) expect(decoder.state![name]!.view).toEqual(view);
  });

  it('begins with what was taught through file and text', () => {
    const first = taught();
    for (const model of [known, readModel(writeModel(known)), json.read!(json.write!(known)).model]) {
      const decoder = decoderOf(model);
      expectSame(decoder, first);
      expect(decoder.teachable!.hasBase).toBe(true);
      decoder.teachable!.teach(counts(1), 'c');
      expect(decoder.teachable!.classes).toEqual(['a', 'b', 'c']);
      decoder.teachable!.returnToBase();
      for (const k of [50, 51]) expect(decoder.teachable!.decodeCounts(counts(k)).winner).toBe(k % 2);
    }
  });

  it.each(
    ['experts', 'rls', 'delta', 'prototypes'].flatMap((readout) =>
      [1, 2].flatMap((views) => [true, false].map((isSettled) => [readout, views, isSettled] as const)),
    ),
  )('goes through file and text and answers the same: %s, %i views, settled: %s', (readout, views, isSettled) => {
    const decoder = new Map([['out', { type: 'teachable', parameters: { readout, views } }]]);
    const empty: Model = { ...blank, decoder };
    const first = taught(empty, 40, isSettled);
    const model: Model = { ...empty, base: new Map([['out', baseOf(first)]]) };
    for (const read of [readModel(writeModel(model)), json.read!(json.write!(model)).model]) {
      const again = decoderOf(read);
      expectSame(again, first);
      for (let k = 0; k < 20; k++) {
        const [one, other] = [first, again].map(({ teachable }) =>
          Array.from(teachable!.decodeCounts(counts(k), false).values),
        );
        expect(one).toEqual(other);
      }
    }
  });

  it('keeps saved states when its base is another one', () => {
    const other: Model = { ...blank, base: new Map([['out', baseOf(taught(blank, 60))]]) };
    expect(stateMeaning(other)).toEqual(stateMeaning(known));
    expect(stateMeaning(blank)).toEqual(stateMeaning(known));
  });

  it.each([
    [
      'a name that no read-out has',
      'out',
      'nothing',
      1,
      /base of "out": has 1 numbers for "nothing"; expected at most 0/,
    ],
    [
      'more than there is room for',
      'out',
      'losses',
      5,
      /base of "out": has 5 numbers for "losses"; expected at most 4/,
    ],
    [
      'units of numbers that are not rounded',
      'out',
      'losses.units',
      1,
      /base of "out": has 1 numbers for "losses.units"; expected at most 0/,
    ],
    [
      'more units than its numbers need',
      'out',
      'adapted.0.upper.units',
      1,
      /base of "out": has 1 numbers for "adapted.0.upper.units"; expected at most 0/,
    ],
    ['a node that is not an Output', 'in', 'losses', 1, /base\["in"\]: refers to a node of type Input/],
  ])('is refused for %s', (_, output, name, length, line) => {
    const wrong: Model = { ...blank, base: new Map([[output, new Map([[name, tensor(new Float64Array(length))]])]]) };
    expect(() => writeModel(wrong)).toThrow(line);
  });

  it('is refused where nothing can be taught', () => {
    const decoder = new Map([['out', { type: 'count', parameters: {} }]]);
    expect(() => writeModel({ ...known, decoder })).toThrow('base of "out": is for a decoder that is not taught');
    expect(() => writeModel({ ...known, decoder: new Map() })).toThrow('has no decoder to know it');
  });
});
