import { describe, expect, it } from 'vitest';
import { viewsOf } from '../../kept-numbers.ts';
import { solvePositiveDefinite } from '../../nef/cholesky.ts';
import { RandomGenerator } from '../../random/generator.ts';
import type { FixedReadout } from '../../recognition/teachable.ts';
import type { Decoder } from './decoder.ts';
import { teachable } from './teachable.ts';

const NEURONS = 12;
const CLASSES = ['still', 'slow', 'fast'];

/** Windows of three classes: each neuron has a rate of its own for each. */
function* windows(seed: number, count: number) {
  const random = new RandomGenerator(seed, 'windows');
  const own = new RandomGenerator(1, 'rates');
  const rates = CLASSES.map(() => Array.from({ length: NEURONS }, () => 6 + 10 * own.nextUniform()));
  for (let k = 0; k < count; k++) {
    const label = random.nextInteger(CLASSES.length);
    const counts = Uint8Array.from(rates[label]!, (rate) => Math.max(0, rate + 4 * random.nextNormal()));
    yield { counts, label };
  }
}

function prepare(parameters = {}, labels: readonly string[] = CLASSES, size = NEURONS): Decoder {
  const random = new RandomGenerator(1, 'decoder');
  return teachable.prepare(parameters, { size, steps: 32, dt: 0.001, labels, random });
}

/** One-hot ridge regression on standardised counts, weights [class][1 + neuron], in one piece. */
function batchRidge(samples: readonly { counts: Uint8Array; label: number }[], ridgeOf: number) {
  const n = NEURONS + 1;
  const mean = Array.from(
    { length: NEURONS },
    (_, i) => samples.reduce((s, { counts }) => s + counts[i]!, 0) / samples.length,
  );
  const unit = mean.map(
    (m, i) => Math.sqrt(samples.reduce((s, { counts }) => s + (counts[i]! - m) ** 2, 0) / samples.length) + 0.3,
  );
  const xOf = (counts: Uint8Array) => [1, ...mean.map((m, i) => (counts[i]! - m) / unit[i]!)];
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n * CLASSES.length);
  for (let i = 0; i < n; i++) normal[i * n + i] = ridgeOf;
  for (const { counts, label } of samples) {
    const x = xOf(counts);
    for (let i = 0; i < n; i++) {
      right[i * CLASSES.length + label]! += x[i]!;
      for (let k = 0; k < n; k++) normal[i * n + k]! += x[i]! * x[k]!;
    }
  }
  expect(solvePositiveDefinite(normal, right, n, CLASSES.length)).toBe(true);
  return (counts: Uint8Array) =>
    CLASSES.map((_, c) => xOf(counts).reduce((sum, x, i) => sum + x * right[i * CLASSES.length + c]!, 0));
}

const softmax = (scores: readonly number[]) => {
  const e = scores.map((score) => Math.exp(6 * score));
  return e.map((each) => each / e.reduce((sum, other) => sum + other));
};

describe('teachable', () => {
  it('has after n lessons the answers of the batch ridge regression', () => {
    const decoder = prepare({ ridge: 0.1 });
    const samples = [...windows(1, 200)];
    for (const { counts, label } of samples) {
      decoder.teachable!.decodeCounts(counts);
      decoder.teachable!.teach(counts, CLASSES[label]!);
    }
    decoder.teachable!.settle();
    const scoresOf = batchRidge(samples, 0.1 * 200);
    // Calibrated, that is with another temperature, the same for all.
    const distances = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4].map((exponent) =>
      Array.from(windows(2, 50), ({ counts }) => {
        const { values } = decoder.teachable!.decodeCounts(counts);
        const expected = softmax(scoresOf(counts).map((score) => exponent * score));
        return Math.max(...expected.map((p, c) => Math.abs(values[c]! - p)));
      }),
    );
    expect(Math.min(...distances.map((each) => Math.max(...each)))).toBeLessThan(0.02);
  });

  /** Decodes and teaches all windows; which of them it had right before. */
  function teachAll(
    decoder: Decoder,
    samples: Iterable<{ counts: Uint8Array; label: number }>,
    names = CLASSES,
  ): boolean[] {
    const { teachable: learner } = decoder;
    return Array.from(samples, ({ counts, label }) => {
      const { winner } = learner!.decodeCounts(counts);
      const isRight = learner!.classes[winner] === names[label];
      learner!.teach(counts, names[label]!);
      return isRight;
    });
  }
  const share = (rights: readonly boolean[]) => rights.filter(Boolean).length / rights.length;
  const bytesOf = (decoder: Decoder) =>
    Object.entries(viewsOf(decoder.state!)).map(([name, view]) => [name, ...view].join(' '));

  it('counts spikes with their value, at most 255, and has no answer before it was taught', () => {
    const decoder = prepare({}, [], 3);
    const spikes = [
      [0, 2, 1],
      [1, 0, 3],
      [5, 0, 1],
      [6, 1, 400],
    ];
    const column = (c: number) => (k: number) => spikes[k]![c]!;
    const events = { length: spikes.length, step: column(0), index: column(1), value: column(2) };
    const { winner, values, unknown } = decoder.decode({ steps: 32, events, membrane: undefined });
    expect(Array.from(decoder.teachable!.evidence)).toEqual([4, 255, 1]);
    expect([winner, unknown, values.every((value) => value === 0)]).toEqual([-1, false, true]);
  });

  it.each(['experts', 'rls', 'delta', 'prototypes'])('learns from the stream by %s, from nothing on', (readout) => {
    const decoder = prepare({ readout }, []);
    const rights = teachAll(decoder, windows(1, 120));
    expect(share(rights.slice(-60))).toBeGreaterThan(readout === 'delta' ? 0.55 : 0.65);
    expect(decoder.teachable!.classes.toSorted()).toEqual(CLASSES.toSorted());
    expect(decoder.teachable!.scores.labels).toBe(120);
  });

  it.each(['experts', 'rls', 'delta', 'prototypes'])('by %s stays at chance where labels mean nothing', (readout) => {
    const random = new RandomGenerator(3, 'shuffled');
    const shuffled = Array.from(windows(2, 400), ({ counts }) => ({ counts, label: random.nextInteger(3) }));
    expect(share(teachAll(prepare({ readout }), shuffled).slice(100))).toBeLessThan(0.43);
  });

  it.each([
    {},
    { views: 2, replay: 16, drift: 'page-hinkley' },
    { readout: 'delta', drift: 'none', mostClasses: 3 },
    { readout: 'prototypes', views: 2, mostClasses: 256 },
  ])('states the bytes of all that it learns before there is any of it: %j', (parameters) => {
    const { evidence, ...learned } = prepare(parameters).state!;
    const { bytes, undoBytes } = teachable.cost!(parameters, NEURONS, 1);
    const views = Object.values(viewsOf(learned));
    expect(undoBytes).toBe(views.reduce((sum, { byteLength }) => sum + byteLength, 0));
    expect(bytes).toBeGreaterThan(undoBytes + evidence!.view.byteLength);
    expect(prepare(parameters).teachable!.cost).toMatchObject({ bytes, undoBytes });
  });

  it.each([
    {},
    { views: 2, replay: 16, selfTraining: 0.1, budget: 90 },
    { readout: 'delta' },
    { readout: 'prototypes' },
  ])('takes the last lesson back bit for bit, and goes on exactly after save and restore, with %j', (parameters) => {
    const decoder = prepare(parameters);
    teachAll(decoder, windows(1, 70));
    decoder.teachable!.settle();
    teachAll(decoder, windows(2, 30));
    const before = bytesOf(decoder);
    const { counts } = [...windows(3, 1)][0]!;
    decoder.teachable!.teach(counts, 'something new');
    expect(bytesOf(decoder)).not.toEqual(before);
    expect([decoder.teachable!.takeBack(), decoder.teachable!.takeBack()]).toEqual([true, false]);
    expect(bytesOf(decoder)).toEqual(before);
    expect(decoder.teachable!.classes).toEqual(CLASSES);
    const other = prepare(parameters);
    for (const [key, view] of Object.entries(viewsOf(decoder.state!))) other.state![key]!.view.set(view);
    for (const one of [decoder, other]) teachAll(one, windows(4, 40));
    expect(bytesOf(other)).toEqual(bytesOf(decoder));
  });

  it('learns nothing of windows that are not to teach: neither their scale nor what it takes them for', () => {
    const decoder = prepare({ selfTraining: 1 });
    teachAll(decoder, windows(1, 20));
    const learned = () => bytesOf(decoder).filter((line) => !line.startsWith('evidence '));
    const before = learned();
    const none = { length: 0, step: () => 0, index: () => 0, value: () => 0 };
    for (let k = 0; k < 200; k++) decoder.decode({ steps: 32, events: none, membrane: undefined, learning: false });
    for (const { counts } of windows(2, 100)) decoder.teachable!.decodeCounts(counts, false);
    expect(learned()).toEqual(before);
    for (const { counts } of windows(2, 100)) decoder.teachable!.decodeCounts(counts);
    expect(learned()).not.toEqual(before);
  });

  it('keeps the base beside what it learns, and goes back to it', () => {
    const decoder = prepare();
    teachAll(decoder, windows(1, 150));
    decoder.teachable!.settle();
    const answers = () => Array.from(windows(2, 40), ({ counts }) => decoder.teachable!.decodeCounts(counts).winner);
    const before = answers();
    teachAll(decoder, windows(3, 12), ['slow', 'fast', 'still']);
    expect(answers()).not.toEqual(before);
    decoder.teachable!.returnToBase();
    expect(answers()).toEqual(before);
  });

  it('goes back to the base where what it learned since is worse with confidence, and not before', () => {
    const decoder = prepare({ drift: 'none' });
    teachAll(decoder, windows(1, 300));
    decoder.teachable!.settle();
    const distance = () => {
      const { 'adapted.0.weights': adapted, 'base.0': base } = viewsOf(decoder.state!);
      return Math.hypot(...adapted!.map((weight, i) => weight - base![i]!));
    };
    // Whoever teaches other names for a while makes the adapted read-out worse than the base at the right ones.
    teachAll(decoder, windows(2, 60), ['slow', 'fast', 'still']);
    const wrong = distance();
    expect(wrong).toBeGreaterThan(0.3);
    const distances = Array.from(windows(3, 60), (lesson) => {
      teachAll(decoder, [lesson]);
      return distance();
    });
    const back = distances.findIndex((each) => each < wrong / 2);
    expect(back).toBeGreaterThan(5);
    expect(distances[back]! / distances[back - 1]!).toBeLessThan(0.6);
  });

  it('keeps the base in the scale of what is usual, also where it was set before that is known', () => {
    const decoder = prepare();
    const [first, ...later] = windows(1, 9);
    teachAll(decoder, [first!]);
    for (const { counts, label } of later) decoder.teachable!.teach(counts, CLASSES[label]!);
    decoder.teachable!.settle();
    for (const { counts } of later) decoder.teachable!.decodeCounts(counts);
    expect(Array.from(decoder.state!['base.0']!.view)).toEqual(Array.from(decoder.state!['adapted.0.weights']!.view));
  });

  it('serves the base where lessons are wrong; counts who was right', () => {
    const decoder = prepare({ drift: 'none' });
    teachAll(decoder, windows(1, 300));
    decoder.teachable!.settle();
    const random = new RandomGenerator(7, 'wrong');
    let served = 0;
    const rounds = [...windows(2, 200)];
    for (const { counts, label } of rounds) {
      const { winner } = decoder.teachable!.decodeCounts(counts);
      if (winner === label) served++;
      const named = random.nextUniform() < 0.3 ? random.nextInteger(3) : label;
      decoder.teachable!.teach(counts, CLASSES[named]!);
    }
    const { scores } = decoder.teachable!;
    expect(scores.labels).toBe(200);
    expect(served / 200).toBeGreaterThan(scores.base / 200 - 0.1);
  });

  it('knows a class that came while it ran after ten lessons', () => {
    const decoder = prepare({ readout: 'prototypes' });
    const known = [...windows(1, 400)].filter(({ label }) => label < 2);
    teachAll(decoder, known);
    decoder.teachable!.settle();
    const later = [...windows(2, 120)].filter(({ label }) => label === 2);
    teachAll(decoder, later.slice(0, 10));
    const found = later
      .slice(10)
      .map(({ counts }) => decoder.teachable!.classes[decoder.teachable!.decodeCounts(counts).winner]);
    expect(share(found.map((name) => name === 'fast'))).toBeGreaterThan(0.6);
  });

  it('calls unknown what looks like nothing it was taught, and little else', () => {
    const decoder = prepare();
    teachAll(decoder, windows(1, 300));
    decoder.teachable!.settle();
    teachAll(decoder, windows(2, 60));
    const flagged = Array.from(windows(3, 100), ({ counts }) => decoder.teachable!.decodeCounts(counts).unknown!);
    expect(share(flagged)).toBeLessThan(0.1);
    const strange = Uint8Array.from({ length: NEURONS }, (_, i) => (i % 2 === 0 ? 32 : 0));
    const { unknown, winner } = decoder.teachable!.decodeCounts(strange);
    expect(unknown).toBe(true);
    // "Unknown" is no right answer, whatever class it would have been.
    const { served, labels } = decoder.teachable!.scores;
    decoder.teachable!.teach(strange, decoder.teachable!.classes[winner]!);
    expect(decoder.teachable!.scores).toMatchObject({ served, labels: labels + 1 });
  });

  /** What of the answers is right, with votes of somebody who is right so often, the rest wrong. */
  function rightWithVotes(decoder: Decoder, reliability: number | undefined): number {
    const random = new RandomGenerator(3, 'votes');
    const votesOn = (label: number) => {
      if (reliability === undefined) return undefined;
      const named = random.nextUniform() < reliability ? label : (label + 1) % CLASSES.length;
      return Float64Array.from({ length: 32 }, (_, c) => (c === named ? 0.9 : c < CLASSES.length ? 0.05 : 0));
    };
    const right = Array.from(windows(1, 120), ({ counts, label }, k) => {
      const { winner } = decoder.teachable!.decodeCounts(counts, true, votesOn(label));
      if (k < 30) decoder.teachable!.teach(counts, CLASSES[label]!, votesOn(label));
      return winner === label;
    });
    return share(right.slice(30));
  }

  it('listens to votes as far as they were right on the labels so far', () => {
    const alone = rightWithVotes(prepare(), undefined);
    expect(alone).toBeLessThan(0.95);
    expect(rightWithVotes(prepare(), 1)).toBeGreaterThan(0.99);
    expect(rightWithVotes(prepare(), 0)).toBeGreaterThan(alone - 0.05);
    expect(rightWithVotes(prepare({ readout: 'rls' }), 0)).toBe(rightWithVotes(prepare({ readout: 'rls' }), undefined));
  });

  it('learns the same with votes as without, saves how good they were, and takes that back with a lesson', () => {
    const [heard, alone] = [prepare(), prepare()];
    rightWithVotes(heard, 0.7);
    rightWithVotes(alone, undefined);
    for (const name of ['adapted.0.weights', 'adapted.0.upper', 'losses', 'taught']) {
      expect([name, heard.state![name]!.view]).toEqual([name, alone.state![name]!.view]);
    }
    expect(alone.state!.votesLoss!.view).toEqual(Float64Array.of(0));
    const before = Object.entries(viewsOf(heard.state!)).map(([name, view]) => [name, view.slice()]);
    expect(heard.state!.votesLoss!.view[0]).toBeGreaterThan(1);
    heard.teachable!.teach(heard.teachable!.evidence, 'slow', Float64Array.of(0.8, 0.1, 0.1));
    expect(Object.entries(viewsOf(heard.state!))).not.toEqual(before);
    heard.teachable!.takeBack();
    expect(Object.entries(viewsOf(heard.state!))).toEqual(before);
    // Whoever computes the answers elsewhere has no votes.
    heard.teachable!.decodeCounts(heard.teachable!.evidence, true, Float64Array.of(0.8, 0.1, 0.1));
    expect(heard.teachable!.fixed).toEqual(alone.teachable!.fixed);
  });

  it('learns no more lessons than its budget, and scores the others', () => {
    const decoder = prepare({ budget: 10 });
    teachAll(decoder, windows(1, 400));
    expect(decoder.teachable!.lessons).toBeGreaterThan(40);
    expect(decoder.teachable!.lessons).toBeLessThanOrEqual(51);
    expect(decoder.teachable!.scores.labels).toBe(400);
  });

  it('keeps within 1 MB for two halves of 400 neurons and 32 classes', () => {
    const { state } = prepare({ views: 2 }, CLASSES, 800);
    expect(Object.values(state!).reduce((sum, { view }) => sum + view.byteLength, 0)).toBeLessThan(1e6);
  });

  it.each([
    ['unknown', 'is taught the class "unknown"; expected a line of 1 to 64 bytes that is not "unknown"'],
    ['', 'is taught the class ""'],
    ['x'.repeat(65), 'expected a line of 1 to 64 bytes'],
    ['two\nlines', 'expected a line of 1 to 64 bytes'],
    ['fourth', 'has no room for the class "fourth"; expected one of its 3'],
  ])('refuses the label %j and changes nothing', (label, message) => {
    const decoder = prepare({ mostClasses: 3 });
    teachAll(decoder, windows(1, 10));
    const before = bytesOf(decoder);
    expect(() => decoder.teachable!.teach(new Uint8Array(NEURONS), label)).toThrow(message);
    expect(bytesOf(decoder)).toEqual(before);
    // The lesson before can still be taken back.
    expect(decoder.teachable!.takeBack()).toBe(true);
  });

  it('refuses more classes than it has room for, and elements that are not so many views', () => {
    expect(() => prepare({ mostClasses: 2 })).toThrow('has 3 classes; expected at most 2');
    expect(() => prepare({ views: 2 }, CLASSES, 5)).toThrow('has 5 elements; expected a multiple of its 2 views');
    expect(() => prepare({}, CLASSES, 1e7)).toThrow(
      'would learn from 10000000 elements in a view; expected at most 2048',
    );
    expect(() => prepare().teachable!.teach(new Uint8Array(3), 'still')).toThrow('lesson has 3 counts; expected 12');
  });
});

describe('a fixed read-out', () => {
  /** The class that the documented formulas name, written out. */
  function winnerOf({ taught, sharpness, experts }: FixedReadout, counts: Uint8Array): number {
    const mixed = new Float64Array(taught.length);
    for (const { share, first, middle, unit, weights } of experts) {
      const x = [1, ...Array.from(middle, (m, i) => (counts[first + i]! - m) / unit[i]!)];
      const scores = taught.map((_, c) => x.reduce((sum, each, i) => sum + each * weights[c * x.length + i]!, 0));
      const powers = scores.map((score, c) => (taught[c] ? Math.exp(sharpness * score) : 0));
      const total = powers.reduce((sum, power) => sum + power);
      powers.forEach((power, c) => {
        mixed[c]! += (share * power) / total;
      });
    }
    return mixed.indexOf(Math.max(...mixed));
  }

  it.each([
    ['experts', 1],
    ['experts', 2],
    ['rls', 2],
    ['delta', 1],
  ] as const)('of %s with %i views names the classes that the learner names', (readout, views) => {
    const decoder = prepare({ readout, views }, [...CLASSES, 'never taught']);
    const { teachable: learner } = decoder;
    expect(learner!.fixed).toBe(undefined);
    const teach = (seed: number, count: number) => {
      for (const { counts, label } of windows(seed, count)) {
        learner!.decodeCounts(counts);
        learner!.teach(counts, CLASSES[label]!);
      }
    };
    teach(1, 40);
    learner!.settle();
    expect(learner!.fixed!.experts).toHaveLength(views);
    teach(2, 20);
    const { fixed } = learner!;
    expect(fixed!.experts).toHaveLength(readout === 'experts' ? 2 * views : views);
    expect(fixed!.experts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    for (const { counts } of windows(3, 300)) expect(winnerOf(fixed!, counts)).toBe(learner!.winnerOf(counts));
  });

  it('is none for prototypes, which are not linear', () => {
    const { teachable: learner } = prepare({ readout: 'prototypes' });
    for (const { counts, label } of windows(1, 9)) learner!.teach(counts, CLASSES[label]!);
    expect(learner!.fixed).toBe(undefined);
  });
});
