import { type Model, parseModel, quantize, readModel, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed, type RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { type Events, play, type Stimulus } from './play.ts';

const steps = 24;

const side = fc.integer({ min: 1, max: 3 });
const plan = fc.record({
  winner: fc.constantFrom('count', 'first'),
  axes: fc.constantFrom(1, 2),
  channels: side,
  size: fc.tuple(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 })),
  kernel: fc.tuple(side, side),
  stride: fc.tuple(side, side),
  padding: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
  /** A second edge into the pooling, with this delay. */
  second: fc.constantFrom(undefined, 2),
  /** Values are quarters, which every engine adds exactly, or spikes. */
  graded: fc.boolean(),
  /** Whether a population takes what passes; otherwise an Output. */
  intoPopulation: fc.boolean(),
  events: fc.array(fc.tuple(fc.nat(steps - 1), fc.nat(107), fc.integer({ min: -4, max: 8 })), { maxLength: 80 }),
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

/** Of one axis the height is 1, and windows are as high. */
function alongAxes(each: Plan): Plan {
  if (each.axes === 2) return each;
  const flat = <T>([, width]: readonly [T, T], height: T): [T, T] => [height, width];
  return {
    ...each,
    size: flat(each.size, 1),
    kernel: flat(each.kernel, 1),
    stride: flat(each.stride, 1),
    padding: flat(each.padding, 0),
  };
}

function modelOf({ winner, axes, channels, size, kernel, stride, padding, second, intoPopulation }: Plan): Model {
  const numbers = (pair: readonly [number, number]) => (axes === 1 ? pair[1] : pair);
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: axes === 1 ? [channels, size[1]] : [channels, ...size] },
      pool: {
        type: `MaxPool${axes}d`,
        kernel_size: numbers(kernel),
        stride: numbers(stride),
        padding: numbers(padding),
        winner,
      },
      ...(intoPopulation ? { cell: { type: 'I', r: 1000 } } : {}),
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'pool'],
      ...(second === undefined ? [] : [['in', 'pool', { delay: second }]]),
      ...(intoPopulation ? [['pool', 'cell']] : []),
      [intoPopulation ? 'cell' : 'pool', 'out'],
    ],
    semantics: { dt: 0.001 },
  });
}

/** What arrives at the pooling, step by step. */
function arriving({ channels, size, second, graded, events }: Plan): number[][] {
  const count = channels * size[0] * size[1];
  const rows = Array.from({ length: steps }, () => new Array<number>(count).fill(0));
  for (const [step, element, quarters] of events) rows[step]![element % count]! += graded ? quarters / 4 : 1;
  return rows.map((row, step) => {
    const late = second === undefined ? undefined : rows[step - second];
    return row.map((value, i) => value + (late?.[i] ?? 0));
  });
}

/** Each window by itself, its whole past looked at anew in every step. */
function naive(each: Plan): number[][] {
  const { winner, channels, size, kernel, stride, padding } = each;
  const rows = arriving(each);
  const windows: number[][] = [];
  for (let channel = 0; channel < channels; channel++) {
    for (let top = -padding[0]; top + kernel[0] <= size[0] + padding[0]; top += stride[0]) {
      for (let left = -padding[1]; left + kernel[1] <= size[1] + padding[1]; left += stride[1]) {
        const elements: number[] = [];
        for (let y = top; y < top + kernel[0]; y++) {
          for (let x = left; x < left + kernel[1]; x++) {
            if (y >= 0 && y < size[0] && x >= 0 && x < size[1]) elements.push((channel * size[0] + y) * size[1] + x);
          }
        }
        windows.push(elements);
      }
    }
  }
  const best = (elements: readonly number[], score: (element: number) => number) => {
    const scores = elements.map(score);
    return elements[scores.indexOf(Math.max(...scores))];
  };
  return rows.map((row, step) =>
    windows.map((elements) => {
      const past = rows.slice(0, step + 1);
      if (winner === 'count') {
        const leader = best(elements, (element) => past.reduce((sum, earlier) => sum + earlier[element]!, 0));
        return leader === undefined ? 0 : row[leader]!;
      }
      const decided = past.find((earlier) => elements.some((element) => earlier[element]! > 0));
      return decided === undefined ? 0 : row[best(elements, (element) => decided[element]!)!]!;
    }),
  );
}

function expected(each: Plan): Events {
  const sums = naive(each)[0]!.map(() => 0);
  return naive(each).flatMap((row, step) =>
    row.flatMap((value, index): Events => {
      sums[index]! += value;
      const emitted = each.intoPopulation ? sums[index]! : value;
      return emitted === 0 ? [] : [[step, index, emitted]];
    }),
  );
}

function stimulusOf({ channels, size, graded, events }: Plan): Stimulus {
  const count = channels * size[0] * size[1];
  const rows = events.map(([step, element, quarters]) => [step, element % count, graded ? quarters / 4 : 1]);
  return { in: rows.sort((a, b) => a[0]! - b[0]!) };
}

/**
 * The output in both halves of a run, the second half by a net that was restored; then all of it by one that was reset.
 */
function expectThroughout(load: () => RunningNetwork, each: Plan, truth: Events): void {
  const stimulus = stimulusOf(each);
  const first = load();
  const half = play(first, 11, stimulus).out!;
  const second = load();
  second.restore(first.save());
  const round = (events: Events) => events.map(([step, index, value]) => [step, index, Math.round(value * 1e4) / 1e4]);
  expect(round([...half, ...play(second, steps - 11, stimulus, 11).out!])).toEqual(truth);
  second.resetActivity();
  expect(round(play(second, steps, stimulus).out!)).toEqual(truth);
}

const fits = ({ size, kernel, padding }: Plan) => [0, 1].every((a) => size[a]! + 2 * padding[a]! >= kernel[a]!);

describe('max pooling', () => {
  it.each(['reference', 'clocked', 'event'])('passes what a window-by-window simulation does, on %s', (engine) => {
    fc.assert(
      fc.property(plan.map(alongAxes).filter(fits), (each) => {
        const model = readModel(writeModel(modelOf(each)));
        expectThroughout(() => engineNamed(engine).load(model), each, expected(each));
      }),
      { numRuns: 200 },
    );
  });

  it.each(['integer', 'clocked'])('does so in whole numbers, on %s', (engine) => {
    const spikes = plan.map((each): Plan => {
      const single = new Map(alongAxes(each).events.map((event) => [event.slice(0, 2).join(), event]));
      const count = alongAxes(each).size.reduce((a, b) => a * b, each.channels);
      const events = [...single.values()].map(([step, element, n]) => [step, element % count, n] as const);
      const once = new Map(events.map((event) => [event.slice(0, 2).join(), event]));
      return { ...alongAxes(each), graded: false, intoPopulation: false, events: [...once.values()] as Plan['events'] };
    });
    fc.assert(
      fc.property(spikes.filter(fits), (each) => {
        const model = readModel(writeModel(quantize(modelOf(each), { bits: 8 })));
        expectThroughout(() => engineNamed(engine).load(model), each, expected(each));
      }),
      { numRuns: 150 },
    );
  });

  it('is the ordinary maximum of numbers that stay', () => {
    const image = [0.5, 3, 0, 1.25, 2, 0.25, 0, 0.75];
    for (const winner of ['count', 'first']) {
      const each = { ...{ winner, axes: 2, channels: 1, size: [2, 4], kernel: [2, 2], stride: [2, 2] } };
      const model = modelOf({
        ...each,
        padding: [0, 0],
        second: undefined,
        graded: true,
        intoPopulation: false,
      } as never);
      const stimulus = { in: [0, 1, 2].flatMap((step) => image.map((value, index) => [step, index, value])) };
      for (const engine of ['reference', 'clocked', 'event']) {
        expect(play(engineNamed(engine).load(model), 3, stimulus).out).toEqual(
          [0, 1, 2].flatMap((step) => [
            [step, 0, 3],
            [step, 1, 1.25],
          ]),
        );
      }
    }
  });

  it('chooses among biases as among all that arrives', () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [4] },
        fc: {
          type: 'Affine',
          weight: [1, 1, 1, 1].map((w, i) => [0, 1, 2, 3].map((j) => (i === j ? w : 0))),
          bias: [0.25, 0.5, 0, 0.125],
        },
        image: { type: 'Scale', scale: [[1, 1, 1, 1]] },
        pool: { type: 'MaxPool1d', kernel_size: 2, stride: 2 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'fc', 'image', 'pool', 'out'),
    });
    for (const engine of ['reference', 'clocked', 'event']) {
      const { out } = play(engineNamed(engine).load(model), 4, { in: [[2, 0, 1]] });
      const truth = [0, 1, 2, 3].flatMap((step) => [
        [step, 0, [0.5, 0.5, 1.25, 0.25][step]],
        [step, 1, 0.125],
      ]);
      expect(out, engine).toEqual(truth);
    }
  });

  it('has no integer form behind weights, whose sums are no counts', () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1, 4, 4] },
        conv: { type: 'Conv2d', weight: [[[[1]]]] },
        pool: { type: 'MaxPool2d', kernel_size: 2, stride: 2 },
        cell: { type: 'IF', v_threshold: 1 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'conv', 'pool', 'cell', 'out'),
    });
    expect(() => quantize(model, { bits: 8 })).toThrow(
      'integer form of "pool" (MaxPool2d): chooses among sums of weights; expected a neuron node before it',
    );
  });
});
