import { describe, expect, it } from 'vitest';
import { classifierModel } from '../../build/classifier.ts';
import { json } from '../../file/json.ts';
import { readModel, writeModel } from '../../file/spike.ts';
import { stateMeaning } from '../../file/state-meaning.ts';
import { viewsOf } from '../../kept-numbers.ts';
import type { Model } from '../../model/model.ts';
import { RandomGenerator } from '../../random/generator.ts';
import { tensor } from '../../tensor.ts';
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

describe('a model with a base', () => {
  it('begins with what was taught, bit for bit, through file and text', () => {
    const first = taught();
    for (const model of [known, readModel(writeModel(known)), json.read!(json.write!(known)).model]) {
      const decoder = decoderOf(model);
      const { evidence: _, ...state } = decoder.state!;
      for (const [name, view] of Object.entries(viewsOf(state)))
        expect({ [name]: view }).toEqual({ [name]: first.state![name]!.view });
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
      const { evidence: _, ...state } = again.state!;
      for (const [name, view] of Object.entries(viewsOf(state)))
        expect({ [name]: view }).toEqual({ [name]: first.state![name]!.view });
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
