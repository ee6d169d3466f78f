import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SensorSettings, splitAddress } from 'spikewire/sensors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { needs } from '../../../test/services.ts';
import { take } from '../../fixtures/take.ts';
import { microphoneDriver } from './microphone.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-sound-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

function openMicrophone(address: string) {
  const { name, texts } = splitAddress(address.slice('mic:'.length));
  return microphoneDriver.open(name, new SensorSettings(address, texts));
}

describe('a microphone', () => {
  it('gives what arecord records, here from a file in place of a sound card', async (context) => {
    needs(context, 'alsa-utils');
    const sound = Int16Array.from({ length: 3000 }, (_, k) => Math.round(16_384 * Math.sin((2 * Math.PI * k) / 40)));
    await writeFile(join(folder, 'sound.raw'), new Uint8Array(sound.buffer));
    const device = `pcm.recorded { type file; slave.pcm "null"; file "/dev/null"; infile "${folder}/sound.raw"; format "raw" }`;
    await writeFile(join(folder, '.asoundrc'), device);
    vi.stubEnv('HOME', folder);
    const sensor = await openMicrophone('mic:recorded?rate=8000&count=2');
    expect(sensor.description).toMatchObject({ rate: 8000, channels: [{ name: 'sound 1' }, { name: 'sound 2' }] });
    const { samples, times } = await take(sensor, 1000);
    for (const k of [0, 1, 499, 999]) expect(samples[k]).toEqual([sound[2 * k]! / 32_768, sound[2 * k + 1]! / 32_768]);
    expect(times[999]! - times[0]!).toBeCloseTo(999 / 8000, 9);
  });

  it('that ALSA does not know is said in its words', async (context) => {
    needs(context, 'alsa-utils');
    const problems: string[] = [];
    const abort = new AbortController();
    const onProblem = ({ message }: Error) => {
      problems.push(message);
      abort.abort();
    };
    await take(await openMicrophone('mic:nowhere'), 1, { onProblem, signal: abort.signal });
    expect(problems[0]).toMatch(/^mic:nowhere: arecord: .*No such file or directory$/);
  });
});
