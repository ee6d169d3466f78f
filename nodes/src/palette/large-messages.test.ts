import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { type NetShape, ReadingReader } from 'spikewire/session';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MOST_BYTES, MOST_NAMES, MOST_VALUES, plainDocument } from '../nets/plain-document.ts';
import { payloadBytes, workOf } from '../nets/request.ts';
import type { Message, NodeRed, RuntimeNode } from '../node-red.ts';
import { MOST_SPIKES } from '../spikes/spikes.ts';
import { decodeNode } from './decode.ts';
import { encodeNode } from './encode.ts';
import { featuresNode } from './features.ts';
import type { PaletteNode } from './node.ts';
import { recordNode } from './record.ts';

const RED = { _: (key: string) => key, settings: { userDir: tmpdir() } } as unknown as NodeRed;
const MANY = 3_000_000;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A node, and what becomes of a message to it: the messages that it sends, and the problem that it ends with. */
function open(declared: PaletteNode, configuration: object) {
  const node = Object.assign(new EventEmitter(), { status() {}, error: (line: string) => expect(line).toBe('') });
  declared.open(RED, node as unknown as RuntimeNode, { ...configuration });
  return (payload: unknown, more: object = {}) =>
    new Promise<{ sent: Message[]; problem: string | undefined }>((resolve) => {
      const sent: Message[] = [];
      const done = (problem?: unknown) =>
        resolve({ sent, problem: problem === undefined ? undefined : String(problem) });
      node.emit('input', { payload, ...more }, (message: Message) => sent.push(message), done);
    });
}

/** A list that counts how many of its elements are looked at. */
function watched(length: number) {
  const looks = { count: 0 };
  const list = new Proxy(new Array(length).fill(0), {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks.count++;
      return Reflect.get(target, name);
    },
  });
  return { list, looks };
}

/** The most milliseconds of the processor between two turns of the event loop while `work` goes on, and the turns. */
async function longestTurn<T>(work: () => Promise<T>) {
  let [longest, turns, isOver] = [0, 0, false];
  let last = process.cpuUsage();
  const look = () => {
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    longest = Math.max(longest, (user + system) / 1000);
    turns++;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  const result = await work();
  isOver = true;
  await new Promise((resolve) => setImmediate(resolve));
  return { longest, turns, result };
}

describe('a list of millions', () => {
  const nodes: [string, PaletteNode, object, (list: unknown) => unknown][] = [
    ['decode', decodeNode, {}, (list) => ({ spikes: [list] })],
    ['encode', encodeNode, { range: '0, 1' }, (list) => list],
    ['features', featuresNode, {}, (list) => list],
    ['features with the largest hop', featuresNode, { hop: '65536' }, (list) => list],
    ['record', recordNode, { label: 'label', labelType: 'msg' }, (list) => list],
    ['record, deeper', recordNode, { label: 'label', labelType: 'msg' }, (list) => ({ a: [{ b: list }] })],
  ];

  it.each(nodes)(
    'is refused by %s in one line, and no element is looked at',
    async (_, declared, settings, payload) => {
      const { list, looks } = watched(MANY);
      const ask = open(declared, settings);
      if (declared === recordNode) await ask(undefined, { command: 'start' });
      const { sent, problem } = await ask(payload(list));
      expect(sent).toEqual([]);
      expect(problem).toMatch(/^msg\.payload: has 3000\d\d\d \w+; expected at most \d+$/);
      expect(looks.count).toBe(0);
    },
  );

  it('of letters or named is not a reading, and no more of it is looked at than the line shows', async () => {
    const [stringify, values] = [vi.spyOn(JSON, 'stringify'), vi.spyOn(Object, 'values')];
    for (const node of [encodeNode, featuresNode]) {
      const { problem } = await open(node, { range: '0, 1' })('x'.repeat(MANY));
      expect(problem).toMatch(/^msg\.payload: is "x{62}…; expected a number/);
    }
    expect(stringify.mock.calls.filter(([text]) => typeof text === 'string' && text.length > 100)).toEqual([]);
    const named = Object.fromEntries(Array.from({ length: MOST_VALUES + 1 }, (_, k) => [`n${k}`, k]));
    const before = values.mock.calls.length;
    expect((await open(encodeNode, { range: '0, 1' })(named)).problem).toMatch(/^msg\.payload: has 65537 values/);
    expect(values.mock.calls.slice(before).filter(([given]) => given === named)).toEqual([]);
  });

  it('of letters is not a topic and no label, and is not kept', async () => {
    const long = 'x'.repeat(MANY);
    const encode = open(encodeNode, { range: '0, 1' });
    expect((await encode(0.5, { topic: long })).problem).toBe(
      `msg.topic: has ${MANY} characters; expected at most 1024`,
    );
    const record = open(recordNode, { label: 'label', labelType: 'msg' });
    await record(undefined, { command: 'start' });
    expect((await record(1, { label: long })).problem).toMatch(/^label: is "x{1,100}…; expected a name/);
  });

  it('is refused as bytes and as a lesson too', async () => {
    const features = open(featuresNode, {});
    expect((await features(new Uint8Array(4 * MANY))).problem).toContain(
      'has 3000000 samples; expected at most 131072',
    );
    const { list, looks } = watched(MANY);
    const net = { model: { labels: [] }, outputs: 1, takesNewClasses: false } as unknown as NetShape;
    for (const taught of [list, { target: list }, new Float64Array(MANY)])
      expect(() => workOf({ payload: 1 }, taught, net, () => undefined)).toThrow(/^lesson: has 300000\d values; /);
    expect(looks.count).toBe(0);
  });
});

describe('what a message may hold', () => {
  it('is found before it is made a text, and of a text before it is parsed', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const stringify = vi.spyOn(JSON, 'stringify');
    const names = Object.fromEntries(Array.from({ length: MOST_NAMES }, (_, k) => [`channel ${k}`, k]));
    let deep: unknown = 1;
    for (let k = 0; k < 1000; k++) deep = [deep];
    const bytes = (text: string) => new TextEncoder().encode(text);
    for (const [payload, problem] of [
      [names, 'names and lists'],
      [deep, 'levels'],
      [{ x: new Float64Array(MANY) }, 'values'],
      [{ x: Buffer.alloc(MANY) }, 'values'],
      [['x'.repeat(MOST_BYTES), 'y'], 'characters'],
      ['x'.repeat(MANY), 'values'],
      [bytes(`{${'"a":1,'.repeat(MOST_NAMES)}"b":2}`), 'names and lists'],
      ['['.repeat(10_000) + ']'.repeat(10_000), 'names and lists'],
      [`[${'1,'.repeat(MOST_VALUES)}1]`, 'values'],
      [new Uint8Array(MOST_BYTES + 1), 'bytes'],
    ] as const)
      expect(() => payloadBytes(payload)).toThrow(
        new RegExp(`^msg\\.payload: has .*${problem}; expected at most \\d+$`),
      );
    expect([parse.mock.calls, stringify.mock.calls]).toEqual([[], []]);
  });

  it('is enough for the largest reading', () => {
    const values = Float64Array.from({ length: 50_000 }, (_, k) => Math.sin(k));
    const read = new ReadingReader({ channels: [] }, values.length).read('', payloadBytes(values), 0);
    expect(read!.values).toEqual(values);
  });

  it('is what JSON makes of it, but for numbers that it cannot say', () => {
    const plain = fc.jsonValue({ maxDepth: 5 });
    const random = fc.property(plain, (value) => {
      expect(copied(value)).toEqual(JSON.parse(JSON.stringify(value)));
    });
    fc.assert(random, { seed: 1 });
    const boxed = [new Number(1), new String('a'), new Boolean(true), new Date(0), undefined, () => 1, null];
    expect(copied(boxed)).toEqual(JSON.parse(JSON.stringify(boxed)));
    expect(copied([Number.NaN, -1 / 0, Float32Array.of(1, 2)])).toEqual(['NaN', '-Infinity', [1, 2]]);
    expect(copied(JSON.parse('{"__proto__": {"a": 1}}'))).toEqual(JSON.parse('{"__proto__": {"a": 1}}'));
  });
});

const copied = (value: unknown) => JSON.parse(JSON.stringify(plainDocument(value, 'x')));

describe('the largest messages that are taken', () => {
  /** Ten times what is promised, of the processor alone: others may be at work on this machine. */
  const MOST_MS = 500;
  const STEPS = 64;
  const all = Array.from({ length: STEPS }, () => Array.from({ length: MOST_SPIKES / STEPS }, (_, k) => k));

  it.each<[string, PaletteNode, object, unknown]>([
    ['decode', decodeNode, { decoder: 'rank' }, { spikes: all }],
    [
      'encode',
      encodeNode,
      { encoder: 'direct', range: '0, 1', steps: '64' },
      new Float64Array(MOST_SPIKES / STEPS).fill(1),
    ],
    [
      'encode at random',
      encodeNode,
      { encoder: 'poisson', range: '0, 1', steps: '64' },
      new Float64Array(4096).fill(0.1),
    ],
  ])('keep nobody waiting: %s', async (_, declared, settings, payload) => {
    const ask = open(declared, settings);
    const { longest, result } = await longestTurn(() => ask(payload));
    expect(result).toMatchObject({ problem: undefined, sent: [{}] });
    expect(longest).toBeLessThan(MOST_MS);
  });

  it('keep nobody waiting: features lets others have a turn between two windows, and stays in order', async () => {
    const settings = { length: '16384', hop: '64', bands: '128', bearing: 'geometry', rate: '50000' };
    const ask = open(featuresNode, settings);
    const samples = Array.from({ length: 4096 }, (_, k) => Math.sin(k));
    for (let k = 0; k < 4; k++) await ask(samples);
    const { longest, turns, result } = await longestTurn(() =>
      Promise.all([ask(samples, { n: 1 }), ask([], { n: 2 })]),
    );
    expect(result.map(({ sent }) => sent.length)).toEqual([64, 0]);
    expect(turns).toBeGreaterThanOrEqual(63);
    expect(longest).toBeLessThan(MOST_MS);
  });

  it('are no more spikes than a decoder takes', async () => {
    const settings = { encoder: 'direct', range: '0, 1', steps: '256' };
    const { sent, problem } = await open(encodeNode, settings)(new Float64Array(1024).fill(1));
    expect(sent).toEqual([]);
    expect(problem).toBe(`msg.payload: makes more than ${MOST_SPIKES} spikes; expected fewer numbers or steps`);
  });
});
