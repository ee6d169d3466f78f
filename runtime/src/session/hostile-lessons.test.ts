import { engineNamed } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { nextReadingModel, quantize, RandomGenerator } from '@spikewire/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { Session } from './session.ts';

/** Scores above this are flagged. */
const SENSITIVITY = 6;
/** Readings before the first lesson, and after which nothing may be flagged again. */
const [BEFORE, AFTER] = [500, 100];

type Target = (lesson: number, reading: Float64Array) => Float64Array;

const TARGETS: readonly (readonly [string, Target])[] = [
  ['at one end of the range', (_, reading) => reading.map(() => 3)],
  ['far beyond it', (_, reading) => reading.map(() => 90)],
  ['far beyond it, up and down', (lesson, reading) => reading.map(() => (lesson % 2 === 0 ? 90 : -90))],
  ['always a little too high', (_, reading) => reading.map((value) => value + 1)],
  ['absurd for one channel alone', (_, reading) => reading.map((value, channel) => (channel === 0 ? 90 : value))],
];

function modelOf(channels: number, form: string) {
  const names = Array.from({ length: channels }, (_, k) => ({ name: `c${k}`, unit: '' }));
  const model = nextReadingModel({ channels: names, neurons: 40 * channels, rangeWarmUp: 100 });
  return form === 'int8' ? quantize(model, { bits: 8, headroom: 32 }) : model;
}

/** A detector on a stream of waves with noise. */
function detector(model: ReturnType<typeof modelOf>, seen = 0) {
  const session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model));
  const random = new RandomGenerator(seen, 'stream');
  let readings = seen;
  let last = new Float64Array(session.channels);
  const teach = (values: Float64Array, time?: number) => session.teach({ kind: 'target', values, time });
  return {
    session,
    /** Score of the next reading; NaN where nothing is expected yet. */
    async read(): Promise<number> {
      const at = readings++;
      last = last.map((_, channel) => Math.sin(at / (5 + channel)) + 0.05 * random.nextNormal());
      return (await session.feed({ time: at, values: last })).verdict?.score ?? Number.NaN;
    },
    teach: (target: Target, lesson: number, ago = 0) => teach(target(lesson, last), readings - 1 - ago),
  };
}

const WAYS = ['all about one answer', 'one with each reading', 'about answers in turn, the oldest first'];

describe.each([
  [1, 'float'],
  [1, 'int8'],
  [3, 'float'],
])('a detector of %i channels in %s', (channels, form) => {
  const model = modelOf(channels, form);
  let grown: Uint8Array;
  beforeAll(async () => {
    const { session, read } = detector(model);
    for (let k = 0; k < BEFORE; k++) await read();
    grown = await session.save();
  });

  describe.each(TARGETS)('with targets %s', (_, target) => {
    it.each(WAYS)('forgets n hostile lessons within n ordinary readings: %s', async (way) => {
      for (const n of [10, 100, 680]) {
        const { session, read, teach } = detector(model, BEFORE);
        await session.restore(grown);
        await read();
        for (let lesson = 0; lesson < n; lesson++) {
          await teach(target, lesson, way === WAYS[2] ? 15 - (lesson % 16) : 0);
          if (way === WAYS[1]) await read();
        }
        const scores: number[] = [];
        for (let k = 0; k < n + AFTER; k++) scores.push(await read());
        expect(scores.findLastIndex((score) => score > SENSITIVITY)).toBeLessThan(n);
      }
    });
  });
});

describe('a lesson about a prediction', () => {
  it('teaches in its direction, and no more than readings usually do', async () => {
    const model = modelOf(1, 'float');
    const weights = async (...targets: number[]) => {
      const executor = new InProcessExecutor(engineNamed('reference'), model);
      const session = new Session(model, executor);
      for (let k = 0; k < 250; k++) await session.feed({ time: k, values: Float64Array.of(Math.sin(k / 5)) });
      for (const target of targets) {
        const values = Float64Array.of(target);
        expect(await session.teach({ kind: 'target', values, time: undefined })).toBe('applied');
      }
      return [...executor.network.saveLearned().values()].flatMap((each) => [...each.weights]);
    };
    const before = await weights();
    const changeBy = async (...targets: number[]) =>
      (await weights(...targets)).map((weight, k) => weight - before[k]!);
    const [up, further, down] = [await changeBy(20), await changeBy(60), await changeBy(-20)];
    const near = await changeBy(Math.sin(50) + 1e-4);
    expect(Math.hypot(...near)).toBeLessThan(Math.hypot(...up));
    expect(Math.hypot(...up)).toBeGreaterThan(0);
    expect(further).toEqual(up);
    const thrice = await changeBy(20, 20, 20);
    for (const [k, change] of thrice.entries()) expect(change).toBeCloseTo((1 + 1 / 2 + 1 / 3) * up[k]!, 12);
    for (const [k, change] of down.entries()) expect(change).toBeCloseTo(-up[k]!, 12);
  });
});
