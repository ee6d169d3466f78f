import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ReadingReader } from '../reader.ts';
import { profiles } from './profiles.ts';

interface Recorded {
  readonly source: string;
  readonly messages: readonly {
    readonly topic: string;
    readonly payload: string;
    readonly channels: readonly string[];
    /** Null where the message has no reading. */
    readonly values: readonly number[] | null;
    readonly time?: number;
    readonly ignored: number;
  }[];
}

const NOW = 5;

describe.each(profiles.map((profile) => [profile.name, profile] as const))('profile %s', async (name, profile) => {
  const file = new URL(`../../../../test/data/messages/${name}.json`, import.meta.url);
  const { source, messages } = JSON.parse(await readFile(file, 'utf8')) as Recorded;

  it('names where its facts are from', () => {
    expect(source.length).toBeGreaterThan(10);
    expect(profile.source.length).toBeGreaterThan(10);
  });

  it.each(messages.map((message) => [message.topic, message.payload, message] as const))(
    'reads %s %s',
    (_topic, payload, { channels, values, time = NOW, ignored }) => {
      const model = { channels: channels.map((channel) => ({ name: channel, unit: '' })) };
      const reader = new ReadingReader(model, channels.length, { profile, missing: 'skip' });
      const reading = reader.read('', new TextEncoder().encode(payload), NOW);
      expect(reading).toEqual(values === null ? undefined : { time, values: Float64Array.from(values) });
      expect(reader.counters).toEqual({ ignoredKeys: ignored, skipped: values === null ? 1 : 0, held: 0 });
    },
  );

  it('takes what scripts write as well', () => {
    const channels = [
      { name: 'temperature', unit: '' },
      { name: 'odd', unit: '' },
    ];
    const flat = new TextEncoder().encode('{"odd": 3, "temperature": 20}');
    expect(new ReadingReader({ channels }, 2, { profile }).read('', flat, NOW)).toEqual({
      time: NOW,
      values: Float64Array.of(20, 3),
    });
  });
});
