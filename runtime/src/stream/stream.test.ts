import { nextReadingModel, writeModel } from '@spikewire/models';
import { beforeEach, describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/reference/reference.ts';
import { inProcess } from '../executor/in-process-source.ts';
import type { MqttLink } from './mqtt-link.ts';
import { NetPool } from './net-pool.ts';
import { Stream } from './stream.ts';

const channels = [{ name: 'level', unit: 'm' }];
const model = writeModel(nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } }));

interface Published {
  readonly topic: string;
  readonly document: Record<string, unknown>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

let published: Published[];
let stream: Stream;
let warnings: string[];

/** A link that keeps what is published, and acknowledges at once unless it is told not to. */
function attach(acknowledge = true): void {
  const publish = (topic: string, payload: string) =>
    new Promise<void>((resolve, reject) => {
      published.push({ topic, document: JSON.parse(payload), resolve, reject });
      if (acknowledge) resolve();
    });
  stream.attach({ publish, counters: { dropped: {} } } as unknown as MqttLink);
}

/** Hands a message to the handler of its subscription, as the link does. */
async function receive(topic: string, payload: string): Promise<void> {
  const suffix = /\/(label|command)$/.exec(topic)?.[0] ?? '';
  const { handler } = stream.subscriptions.find(({ filter }) => filter === `tank/+/level${suffix}`)!;
  await handler({ topic, payload: new TextEncoder().encode(payload) } as Parameters<typeof handler>[0]);
}

beforeEach(() => {
  published = [];
  warnings = [];
  const pool = new NetPool(model, inProcess(referenceEngine));
  stream = new Stream(pool, {
    routes: { in: 'tank/+/level', out: 'tank/+/state' },
    warn: (line) => warnings.push(line),
    now: () => 77,
  });
});

describe('stream', () => {
  it('answers each reading on the topic of its net, with the keys of its message', async () => {
    attach();
    for (let k = 0; k < 22; k++)
      await receive('tank/north/level', `{"t": ${1000 * k}, "values": {"level": ${Math.sin(k)}}}`);
    await receive('tank/south/level', '3.5');
    expect(published.map(({ topic }) => topic)).toEqual([...Array(22).fill('tank/north/state'), 'tank/south/state']);
    expect(published[0]!.document).toMatchObject({
      t: 0,
      seq: 1,
      result: null,
      warmUp: { done: 1, of: 20 },
      learned: false,
    });
    expect(published[21]!.document).toMatchObject({
      t: 21_000,
      seq: 22,
      result: { level: expect.any(Number) },
      anomaly: expect.any(Boolean),
      learned: true,
    });
    expect(published[21]!.document).not.toHaveProperty('warmUp');
    expect(published[22]!.document).toMatchObject({ t: 77, seq: 1 });
    expect(stream.counters).toMatchObject({ received: 23, bad: 0, published: 23 });
  });

  it('has done with a reading only when the broker has its result', async () => {
    attach(false);
    let done = false;
    const handled = receive('tank/north/level', '1').then(() => {
      done = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(published).toHaveLength(1);
    expect(done).toBe(false);
    published[0]!.resolve();
    await handled;
  });

  it('answers a bad message in one line, counts it and takes the next', async () => {
    attach();
    for (const payload of ['{', '[1,2]', '"\u2028"', '{"depth":1}']) await receive('tank/north/level', payload);
    await receive('tank/north/level/label', '{"colour":"red"}');
    await receive('tank/north/level/command', 'explode');
    await receive('tank/north/level', '1');
    expect(stream.counters).toMatchObject({ received: 7, bad: 6, published: 7 });
    for (const { topic, document } of published.slice(0, 6)) {
      expect(topic).toBe('tank/north/state/error');
      expect(document).toEqual({ t: 77, error: expect.stringMatching(/^tank\/north\/level[^\n]+; expected [^\n]+$/) });
    }
    expect(warnings).toHaveLength(6);
    expect(published[6]!.document).toMatchObject({ seq: 1 });
  });

  it('does not blame a reading for a result that the link had to drop', async () => {
    attach(false);
    const handled = receive('tank/north/level', '1');
    await new Promise((resolve) => setTimeout(resolve, 20));
    published[0]!.reject(new Error('outbox is full'));
    await handled;
    expect(stream.counters).toMatchObject({ received: 1, bad: 0, published: 0 });
    expect(published).toHaveLength(1);
  });

  it('keeps readings that come before the link is known', async () => {
    const handled = receive('tank/north/level', '1');
    await new Promise((resolve) => setTimeout(resolve, 20));
    attach();
    await handled;
    expect(published).toHaveLength(1);
  });

  it('counts lessons, and those whose answer is forgotten', async () => {
    attach();
    for (let k = 0; k < 30; k++) await receive('tank/north/level', `{"t": ${1000 * k}, "values": [${Math.sin(k)}]}`);
    await receive('tank/north/level/label', '{"target": 0.5}');
    await receive('tank/north/level/label', '{"target": 0.5, "t": 25000}');
    await receive('tank/north/level/label', '{"target": 0.5, "t": 3}');
    expect(stream.counters).toMatchObject({ lessons: 3, forgottenLessons: 1, bad: 0 });
  });

  it.each([
    ['freeze', 'learning is off', { learning: false }],
    ['"learn"', 'learning is on', { learning: true }],
    ['reset', 'forgot what it had learned; warming up again', { readings: 2, warmUp: { done: 0, of: 20 } }],
    ['normal', 'the last reading now counts as normal', {}],
    ['status', '2 readings, learning on', { saved: null, failedSaves: 0, skippedSteps: 0 }],
  ])('does and answers the command %s', async (command, answer, status) => {
    attach();
    await receive('tank/north/level', '1');
    await receive('tank/north/level', '2');
    await receive('tank/north/level/command', command);
    expect(published[2]).toMatchObject({ topic: 'tank/north/state/status', document: { answer, ...status } });
  });

  it('sets the monitor within what makes sense', async () => {
    expect(await stream.configure('north', { sensitivity: 8, holdOff: 10 })).toBe(
      'sensitivity 8, hold-off 10 readings',
    );
    await expect(stream.configure('north', { sensitivity: 0 })).rejects.toThrow(
      'sensitivity: is 0; expected a number above 0',
    );
    await expect(stream.configure('north', { holdOff: 1.5 })).rejects.toThrow(
      'hold-off: is 1.5; expected a whole number from 0',
    );
    expect(await stream.configure('north', {})).toBe('sensitivity 8, hold-off 10 readings');
  });
});
