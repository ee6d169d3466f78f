import type { MqttLink } from 'spikewire/mqtt';
import { describe, expect, it, vi } from 'vitest';
import { numberOf, Plant } from './plant.ts';
import { AHEAD, Replay } from './replay.ts';
import type { MoteStream } from './wsn.ts';

function stream(id: string, length: number): MoteStream {
  const readings = Array.from({ length }, (_, k) => ({ temperature: k, humidity: 50, labelled: false }));
  return { id, name: id, readings, events: [] };
}

const plant = new Plant([stream('long', 60), stream('short', 35)], { stream: 'long', reading: 40, shift: 3 });

/** A replay whose readings are answered by `answer`, with the readings that were published by stream. */
function open(
  from: Record<string, number>,
  answer: (replay: Replay, id: string, sequence: number) => void,
  signal = new AbortController().signal,
) {
  const published: Record<string, number[]> = { long: [], short: [] };
  const next = new Map(Object.entries(from));
  const link = {
    async publish(topic: string, payload: string) {
      published[topic]!.push(JSON.parse(payload).values.temperature);
      next.set(topic, next.get(topic)! + 1);
      const sequence = next.get(topic)!;
      setImmediate(() => answer(replay, topic, sequence));
    },
  } as unknown as MqttLink;
  const replay = new Replay(link, plant, {
    topicOf: (id) => id,
    from: new Map(Object.entries(from)),
    seconds: 0,
    signal,
    onProgress: () => {},
  });
  return { replay, published };
}

describe('replay', () => {
  it('publishes each reading from its place once and in order, with the sensor moved, and ends with the last answer', async () => {
    const { replay, published } = open({ long: 10, short: 35 }, (self, id, sequence) => self.answer(id, sequence));
    await replay.run();
    expect(published.long).toEqual(Array.from({ length: 50 }, (_, k) => k + 10 + (k + 10 >= 40 ? 3 : 0)));
    expect(published.short).toEqual([]);
    expect(replay.latency.count).toBe(50);
  });

  it('has only so many readings of a stream under way', async () => {
    const answers: (() => void)[] = [];
    const { replay, published } = open({ long: 0, short: 0 }, (self, id, sequence) => {
      if (id === 'short') self.answer(id, sequence);
      else answers.push(() => self.answer(id, sequence));
    });
    const ended = replay.run();
    for (let k = 0; k < 60; k++) {
      while (answers.length === 0) await new Promise(setImmediate);
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(published.long!.length - k).toBeLessThanOrEqual(AHEAD);
      answers.shift()!();
    }
    await ended;
  });

  it('after a long silence, publishes again what was lost on the way, and gives up where nothing is taken', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const heard = new Map<string, number>([
        ['long', 0],
        ['short', 0],
      ]);
      const published: string[] = [];
      let losing = true;
      const link = {
        async publish(id: string, payload: string) {
          const { t } = JSON.parse(payload);
          published.push(`${id} ${numberOf(t)}`);
          if (losing && id === 'long' && numberOf(t) > 20) return;
          heard.set(id, numberOf(t));
          setImmediate(() => replay.answer(id, numberOf(t)));
        },
      } as unknown as MqttLink;
      const options = { from: new Map(heard), seconds: 0, signal: new AbortController().signal, onProgress: () => {} };
      const taken = async () => new Map(heard);
      const replay = new Replay(link, plant, { topicOf: (id) => id, ...options, taken });
      const ended = replay.run();
      while (published.filter((line) => line.startsWith('long')).length < 20 + AHEAD) await new Promise(setImmediate);
      losing = false;
      await vi.advanceTimersByTimeAsync(5000);
      await ended;
      expect(published.filter((line) => line === 'long 20')).toHaveLength(1);
      expect(published.filter((line) => line === 'long 21')).toHaveLength(2);
      expect(heard.get('long')).toBe(60);

      losing = true;
      const silent = new Replay(link, plant, {
        topicOf: (id) => id,
        ...options,
        taken: async () =>
          new Map([
            ['long', 20],
            ['short', 35],
          ]),
      });
      const failed = expect(silent.run()).rejects.toThrow('no reading was taken for 5 s');
      await vi.advanceTimersByTimeAsync(10_000);
      await failed;
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends when it is stopped, and rejects when an answer will never come', async () => {
    const controller = new AbortController();
    const stopped = open({ long: 0, short: 0 }, () => controller.abort(), controller.signal);
    await stopped.replay.run();
    expect(stopped.published.long!.length).toBeLessThanOrEqual(AHEAD);

    const failed = open({ long: 0, short: 0 }, (self) => self.fail(new Error('a net is gone')));
    await expect(failed.replay.run()).rejects.toThrow('a net is gone');
  });
});
