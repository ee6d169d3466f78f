import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineNamed, referenceEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import {
  classifierModel,
  featureCandidates,
  type Model,
  NEXT_READING_HEADROOM,
  nextReadingModel,
  quantize,
  type Tensor,
  writeModel,
} from '@spikewire/models';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ALL_ROLES } from '../desk/access.ts';
import { Desk } from '../desk/desk.ts';
import { NetPool } from '../session/pool/net-pool.ts';
import { DeskSource } from './desk-source.ts';
import { type DashboardFrame, SHOWN_READINGS } from './source.ts';

const channels = [{ name: 'level', unit: 'm' }];
const NEURONS = 10;
const model = writeModel(nextReadingModel({ channels, neurons: NEURONS, rangeWarmUp: 10, monitor: { warmUp: 10 } }));

let desk: Desk;
let audit: string[];
let warnings: string[];
let source: DeskSource;

beforeEach(() => {
  [audit, warnings] = [[], []];
  desk = new Desk(new NetPool(model, inProcess(referenceEngine), { capacity: 4 }), {
    audit: (line) => audit.push(line),
    warn: (line) => warnings.push(line),
  });
  source = new DeskSource(desk, { title: 'tanks', names: new Map([['north', 'north tank']]) });
});

async function feed(key: string, from: number, to: number) {
  const outcomes = [];
  for (let k = from; k < to; k++)
    outcomes.push(await desk.feed(key, { time: 1000 * k, values: Float64Array.of(Math.sin(k)) }));
  return outcomes;
}

describe('the source of a desk', () => {
  it('gives whoever looks a frame per reading, with the spikes from the next reading on', async () => {
    await feed('north', 0, 30);
    const frames: DashboardFrame[] = [];
    const leave = source.watch('north', (frame) => frames.push(frame));
    const outcomes = await feed('north', 30, 33);
    leave();
    await feed('north', 33, 36);
    expect(frames.map(({ reading }) => reading.seq)).toEqual([31, 32, 33]);
    for (const [k, frame] of frames.entries()) {
      const { values, expected, verdict, spikes, error } = outcomes[k]!;
      const reading = { values: [...values], expected: [...expected!], score: verdict!.score, spikes, error, limit: 6 };
      expect(frame).toMatchObject({ reading, status: { engine: 'reference' } });
    }
    expect(frames[0]!.raster.steps).toEqual([]);
    const { raster } = frames[2]!;
    const { spikes, rate } = frames[2]!.reading;
    expect(raster.steps).toHaveLength(spikes);
    expect(Math.max(...raster.neurons)).toBeLessThan(NEURONS);
    // 50 steps of 1 ms.
    expect(rate).toBeCloseTo(spikes / NEURONS / 0.05, 9);
  });

  it('answers a lesson with what came of it, and whether it is saved', async () => {
    const bytes = writeModel(
      classifierModel({ channels, labels: ['low', 'high'], standardise: { mean: 0, deviation: 1 }, running: false }),
    );
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-lessons-'));
    const answersWith = async (store: { directory?: string }) => {
      const pool = new NetPool(bytes, inProcess(referenceEngine), store);
      const page = new DeskSource(new Desk(pool), { title: 'tanks' });
      await pool.use('north', (kept) => kept.feed({ time: 0, values: Float64Array.of(1) }));
      const teach = (time: number) =>
        page.command('north', { command: 'teach', lesson: { label: 'high', time } }, ALL_ROLES);
      const answers = [await teach(0), await teach(0), await teach(-1)];
      await pool.close();
      return answers;
    };
    const learned = ['learned that this was “high”', 'had already learned that this was “high”'];
    const forgotten = 'nothing was learned: there is no recent answer to which this label belongs';
    expect(await answersWith({ directory })).toEqual([...learned.map((answer) => `${answer}; it is saved`), forgotten]);
    expect(await answersWith({})).toEqual([...learned.map((answer) => `${answer}; it is in memory only`), forgotten]);
    await rm(directory, { recursive: true });
  });

  it('shows of a reading of blocks its first numbers and how far they vary, and what a net that is taught said of it', async () => {
    const features = [
      { type: 'block', parameters: { length: 500 } },
      { type: 'window', parameters: { length: 500 } },
      { type: 'rms', parameters: {} },
    ];
    const taught = writeModel(
      classifierModel({
        channels: [...channels, { name: 'far', unit: '' }],
        labels: ['low', 'high'],
        features,
        standardise: { mean: 1, deviation: 1 },
        neurons: 20,
      }),
    );
    const own = new Desk(new NetPool(taught, inProcess(referenceEngine)), { single: true });
    const shown = new DeskSource(own, { title: 'tanks' });
    const frames: DashboardFrame[] = [];
    shown.watch('', (frame) => frames.push(frame));
    const said: Awaited<ReturnType<typeof show>>[] = [];
    const show = (k: number, level: number) => {
      const values = Float64Array.from({ length: 1000 }, (_, n) => (n < 500 ? 7 + (n % 2 ? level : -level) : n));
      return own.feed('', { time: 1000 * k, values });
    };
    for (let k = 0; k < 20; k++) {
      said.push(await show(k, k % 2 ? 3 : 0.1));
      await own.teach('', { kind: 'label', label: ['low', 'high'][k % 2]!, time: undefined });
      if (k === 9) await own.command('', 'settle');
    }
    const { signal, reading } = frames[19]!;
    expect(signal!.map(({ length }) => length)).toEqual([300, 300]);
    expect(signal![1]![299]).toBe(799);
    expect(reading.values[0]).toBeCloseTo(3, 9);
    for (const [k, { result = null, base = null }] of said.entries()) {
      expect(frames[k]!.reading.named).toEqual({ answer: result, base, truth: null });
    }
    expect(frames.map((frame) => frame.reading.named!.base !== null)).toEqual(said.map((_, k) => k > 9));
    expect(shown.net('')).toMatchObject({ classifies: true, isSimulated: false });
    expect(shown.net('')!.channels[0]).toEqual({
      ...channels[0],
      measure: 'standard deviation in each reading',
    });
    const truths = () => shown.recent('').map((frame) => frame.reading.named!.truth);
    expect(truths()).toEqual(Array.from({ length: 20 }, (_, k) => ['low', 'high'][k % 2]));
    await own.command('', 'take-back');
    expect(truths().at(-1)).toBeNull();
    expect(shown.labels('')!.truth.filter((label) => label !== null)).toHaveLength(19);
    own.close();
  });

  it('says from the first reading on how far the answer is that features gather readings for', async () => {
    const [level] = featureCandidates({ block: 1 });
    let now = 0;
    const bytes = writeModel(classifierModel({ channels, labels: ['a'], features: level!.stages, neurons: 20 }));
    const own = new Desk(new NetPool(bytes, inProcess(referenceEngine), { clock: () => 1000 * now }));
    const shown = new DeskSource(own, { title: 'tanks' });
    for (let k = 0; k < 10; k++, now += 10_000) await own.feed('hall', { time: now, values: Float64Array.of(k) });
    const gathering = { readings: 10, of: 24, secondsLeft: 140 };
    expect(shown.state('hall')).toMatchObject({ net: 'hall', readings: 0, gathering });
    expect(await own.status('hall')).toMatchObject({ gathering: { done: 10, of: 24, secondsLeft: 140 } });
    own.close();
  });

  it('shows the engine no raster while nobody looks', async () => {
    const leave = source.watch('north', () => {});
    expect((await feed('north', 0, 30)).at(-1)!.window!.raster).toBeDefined();
    leave();
    expect((await feed('north', 30, 33)).at(-1)!.window!.raster).toBeUndefined();
  });

  it('remembers the newest readings for those who come later', async () => {
    const outcomes = await feed('north', 0, SHOWN_READINGS + 10);
    const recent = source.recent('north').map(({ reading }) => reading);
    expect(recent.map(({ seq }) => seq)).toEqual(Array.from({ length: SHOWN_READINGS }, (_, k) => k + 11));
    for (const [k, reading] of recent.entries()) {
      const { time, values, expected, verdict } = outcomes[k + 10]!;
      expect(reading).toMatchObject({ time, values: [...values], expected: expected ? [...expected] : null });
      expect(reading).toMatchObject({ score: verdict?.score ?? Number.NaN, anomaly: verdict?.anomaly ?? false });
    }
    expect(source.recent('north').at(-1)!.status.warmUp).toEqual({ done: true, readings: 20, of: 20 });
    expect(source.recent('nobody')).toEqual([]);
  });

  it('asks monitors for their limits only where somebody looks, and before a net is closed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-limits-'));
    const stored = { capacity: 4, directory, saveEverySeconds: 1e6 };
    desk = new Desk(new NetPool(model, inProcess(referenceEngine), stored));
    source = new DeskSource(desk, { title: 'tanks' });
    const set = (sensitivity: number, key = 'north') => desk.pool.use(key, (kept) => kept.configure({ sensitivity }));
    await feed('north', 0, 1);
    const watch = await set(7);
    const asked = vi.spyOn(Object.getPrototypeOf(watch), 'limitReasons', 'get');
    const shown = (key = 'north') => source.net(key)!.monitors![0]!.limitReasons;
    await feed('north', 1, 25);
    expect(asked).not.toHaveBeenCalled();
    expect(shown()).toEqual([{ kind: 'set', to: 7, from: 6 }]);
    await set(8);
    await feed('north', 25, 27);
    expect(asked).toHaveBeenCalledOnce();
    const leave = source.watch('north', () => {});
    await feed('north', 27, 28);
    expect(asked).toHaveBeenCalledTimes(2);
    leave();
    await set(9);
    await feed('north', 28, 29);
    expect(asked).toHaveBeenCalledTimes(2);
    await feed('a', 0, 1);
    await set(10, 'a');
    await feed('a', 1, 2);
    for (const key of ['b', 'c', 'd']) await feed(key, 0, 1); // the last one in the place of the first newcomer
    expect(desk.pool.keys).toEqual(['north', 'b', 'c', 'd']);
    expect(shown('a')).toEqual([{ kind: 'set', to: 10, from: 6 }]);
    await desk.pool.close();
    expect(shown()).toEqual([{ kind: 'set', to: 9, from: 6 }]);
    await rm(directory, { recursive: true });
    asked.mockRestore();
  });

  it('remembers a bounded number of nets, those with the newest readings', async () => {
    for (let net = 0; net < 300; net++) await feed(`net-${net}`, 0, 1);
    const known = source.nets().map(({ id }) => id);
    expect(known).toHaveLength(1 + 256);
    expect(known).toContain('north');
    expect(known).toContain('net-299');
    expect(known).not.toContain('net-43');
    expect(known.filter((id) => source.state(id) !== undefined)).toHaveLength(256);
  });

  it('carries commands and settings out and shows them', async () => {
    await feed('north', 0, 25);
    expect(source.net('north')).toMatchObject({ id: 'north', name: 'north tank', neurons: NEURONS, channels });
    expect(await source.command('north', { command: 'settings', settings: { sensitivity: 9 } }, ALL_ROLES)).toBe(
      'sensitivity 9, hold-off 60 readings, 1 in a row',
    );
    expect(source.net('north')!.settings).toEqual([
      expect.objectContaining({ id: 'sensitivity', value: 9 }),
      expect.objectContaining({ id: 'holdOff', value: 60 }),
      expect.objectContaining({ id: 'inRow', value: 1 }),
    ]);
    expect(await source.command('north', { command: 'freeze' }, ALL_ROLES)).toBe('learning is off');
    const warmUp = { done: true, readings: 20, of: 20 };
    expect(source.state('north')).toMatchObject({ net: 'north', learning: false, warmUp, readings: 25 });
    await feed('north', 25, 26);
    for (const [sensitivity, muted, from] of [
      [1, false, 26],
      [1e9, true, 27],
    ] as const) {
      await source.command('north', { command: 'settings', settings: { sensitivity } }, ALL_ROLES);
      expect([sensitivity, source.state('north')!.muted]).toEqual([sensitivity, muted]);
      await feed('north', from, from + 1);
      expect([sensitivity, source.state('north')!.muted]).toEqual([sensitivity, muted]);
    }
    await expect(
      source.command('north', { command: 'settings', settings: { sensitivity: -1 } }, ALL_ROLES),
    ).rejects.toThrow('sensitivity: is -1');
  });

  it('says how a net is after a command, whoever gave it, without waiting for the next reading', async () => {
    await feed('north', 0, 25);
    await desk.command('north', 'freeze');
    expect(source.state('north')).toMatchObject({ learning: false, warmUp: { done: true } });
    await desk.command('north', 'learn');
    expect(source.state('north')).toMatchObject({ learning: true });
    await desk.feed('north', { time: 25_000, values: Float64Array.of(50) });
    expect(source.state('north')).toMatchObject({ anomaly: true });
    await desk.command('north', 'reset');
    expect(source.state('north')).toMatchObject({
      anomaly: false,
      warmUp: { done: false, readings: 0, of: 20 },
      readings: 26,
    });
    expect(source.status('north')).toMatchObject({ warmUp: { done: false, readings: 0, of: 20 } });
    expect(source.status('nobody')).toBeUndefined();
  });

  it('knows after a restart what was flagged before it, ahead of the first reading', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-past-'));
    const open = () => {
      const pool = new NetPool(model, inProcess(referenceEngine), {
        directory,
        notes: (key) => source.notesOf(key),
      });
      desk = new Desk(pool);
      source = new DeskSource(desk, { title: 'tanks' });
      return pool;
    };
    const first = open();
    await feed('north', 0, 40);
    await desk.feed('north', { time: 40_000, values: Float64Array.of(50) });
    const before = source.past('north')!;
    expect(before.stretches).toEqual([
      expect.objectContaining({ from: 41, to: 41, reason: expect.stringMatching(/50/) }),
    ]);
    await first.close();
    // One that nobody looks at keeps it.
    const blind = new NetPool(model, inProcess(referenceEngine), { directory });
    await blind.use('north', (kept) => kept.setLearning(false));
    await blind.close();
    const second = open();
    await source.meet('north');
    expect(source.past('north')).toEqual(before);
    expect(source.state('north')).toMatchObject({ readings: 0, flags: 1, learning: false, last: before.stretches[0] });
    expect(source.recent('north')).toEqual([]);
    await second.close();
    await rm(directory, { recursive: true });
  });

  it.each([
    ['float', (float: Model) => float],
    ['int8', (float: Model) => quantize(float, { bits: 8, headroom: NEXT_READING_HEADROOM })],
  ])('shows weights of a net in %s numbers as they are, and their change since the base', async (_, form) => {
    const float = nextReadingModel({ channels, neurons: NEURONS, rangeWarmUp: 10, monitor: { warmUp: 10 } });
    const pool = new NetPool(writeModel(form(float)), inProcess(referenceEngine));
    desk = new Desk(pool);
    source = new DeskSource(desk, { title: 'tanks' });
    await feed('north', 0, 12);
    const look = async () => (await source.inside('north', ALL_ROLES)).weights[0]!;
    await source.command('north', { command: 'reset' }, ALL_ROLES);
    const fresh = await look();
    expect(fresh).toMatchObject({ name: 'reading/decode', height: 1, width: NEURONS, rows: 1, columns: NEURONS });
    const { weight } = float.graph.nodes.get('reading/decode')!.parameters;
    const unit = Math.max(...fresh.values.map(Math.abs)) / 100;
    for (const [k, value] of fresh.values.entries()) {
      expect(Math.abs(value - Number((weight as Tensor).data[k]))).toBeLessThan(25 * unit);
      expect(Math.abs(fresh.change![k]!)).toBeLessThan(1e-6);
    }
    await feed('north', 12, 60);
    const learned = await look();
    expect(Math.max(...learned.change!.map(Math.abs))).toBeGreaterThan(1e-4);
    for (const [k, value] of learned.values.entries()) {
      expect(value - learned.change![k]!).toBeCloseTo(fresh.values[k]!, 2);
    }
    const { membranes } = await source.inside('north', ALL_ROLES);
    expect(membranes.map(({ name, width }) => [name, width])).toEqual([
      ['reading/neurons', NEURONS],
      ['reading/synapse', 1],
    ]);
  });

  it.each(['clocked', 'event'])('changes no bit of what a net on %s answers by looking into it', async (engine) => {
    const answers = await Promise.all(
      [false, true].map(async (isLookedAt) => {
        const own = new Desk(new NetPool(model, inProcess(engineNamed(engine))));
        const seen = new DeskSource(own, { title: 'tanks' });
        const results = [];
        for (let k = 0; k < 40; k++) {
          results.push(await own.feed('north', { time: 1000 * k, values: Float64Array.of(Math.sin(k)) }));
          if (isLookedAt && k % 3 === 0) await seen.inside('north', ALL_ROLES);
        }
        own.close();
        return results.map(({ result, spikes, error, synapticOperations }) => {
          return [...((result as Float64Array | undefined) ?? []), spikes, error, synapticOperations];
        });
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
  });

  it('leaves a line in the log of what it was asked, carried out or refused', async () => {
    await feed('north', 0, 25);
    await source.command('north', { command: 'settings', settings: { sensitivity: 3 } }, ALL_ROLES);
    expect(audit).toEqual([
      expect.stringMatching(/^page, net "north": settings: sensitivity 3, hold-off \d+ readings, 1 in a row$/),
    ]);
    await expect(
      source.command('north', { command: 'settings', settings: { sensitivity: -1 } }, ALL_ROLES),
    ).rejects.toThrow();
    await expect(source.command('nobody', { command: 'freeze' }, ALL_ROLES)).rejects.toThrow();
    expect(audit).toHaveLength(1);
    expect(warnings).toEqual([
      expect.stringMatching(/^page, net "north": settings: sensitivity: is -1; /),
      expect.stringMatching(/^page, net "nobody": freeze: .*nobody/),
    ]);
  });

  it('shows no monitor that has nothing to look at, and its scores neither', async () => {
    const watching = (count: number) => {
      const two = ['level', 'flow'].slice(0, count).map((name) => ({ name, unit: '' }));
      const { monitors, ...rest } = nextReadingModel({ channels: two, neurons: 10, rangeWarmUp: 10 });
      const others = ['relation', 'jump'].map((type) => ({ type, parameters: {} }));
      const own = new Desk(
        new NetPool(writeModel({ ...rest, monitors: [...monitors!, ...others] }), inProcess(referenceEngine)),
      );
      return { own, shown: new DeskSource(own, { title: 'tanks' }) };
    };
    for (const [count, names] of [
      [1, ['next-reading', 'jump']],
      [2, ['next-reading', 'relation', 'jump']],
    ] as const) {
      const { own, shown } = watching(count);
      await own.feed('north', { time: 0, values: new Float64Array(count) });
      expect(shown.net('north')!.monitors!.map(({ name }) => name)).toEqual(names);
      expect(shown.recent('north')[0]!.reading.scores).toHaveLength(names.length);
      own.close();
    }
  });

  it('shows why a reading is flagged, and that there is none, until the next one comes', async () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const { monitors, ...rest } = nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } });
    const watched = writeModel({ ...rest, monitors: [...monitors!, { type: 'silence', parameters: {} }] });
    desk = new Desk(new NetPool(watched, inProcess(referenceEngine)));
    source = new DeskSource(desk, { title: 'tanks' });
    const frames: DashboardFrame[] = [];
    source.watch('north', (frame) => frames.push(frame));
    for (let k = 0; k < 30; k++) {
      now += 1000;
      await feed('north', k, k + 1);
    }
    expect(source.state('north')).toMatchObject({ anomaly: false, absence: [], flags: 0 });
    now += 5000;
    await desk.tick();
    const absence = [{ title: 'silent sensor', reason: 'no reading for 5 s, usually for 1 s at most' }];
    expect(source.state('north')).toMatchObject({ anomaly: true, absence, flags: 1 });
    await desk.feed('north', { time: 30_000, values: Float64Array.of(30) });
    clock.mockRestore();
    expect(source.state('north')).toMatchObject({ anomaly: true, absence: [], flags: 2 });
    const said = [
      {
        title: 'unexpected value',
        reason: expect.stringMatching(/^level is 30 where .* was expected$/),
        channels: ['level'],
      },
      { title: 'silent sensor', reason: expect.stringMatching(/^no reading for 5 s/) },
    ];
    expect(frames.at(-1)!.reading.said).toMatchObject(said);
    // Those who come later are told as well.
    expect(source.recent('north').at(-1)!.reading.said).toMatchObject(said);
    desk.close();
  });
});

it('shows nets of the model that takes the place of another, and nothing of the former ones', async () => {
  await feed('north', 0, 30);
  await feed('south', 0, 3);
  const two = [...channels, { name: 'flow', unit: 'l' }];
  await desk.pool.replaceModel(writeModel(nextReadingModel({ channels: two, neurons: 7, rangeWarmUp: 3 })));
  expect(source.nets()).toEqual([{ id: 'north', name: 'north tank' }]);
  expect(source.net('north')).toMatchObject({ channels: two, neurons: 7 });
  expect(source.recent('north')).toEqual([]);
  for (let k = 0; k < 5; k++) await desk.feed('north', { time: k, values: Float64Array.of(k, -k) });
  expect(source.recent('north').map(({ reading }) => reading.values)).toEqual([0, 1, 2, 3, 4].map((k) => [k, -k]));
});
