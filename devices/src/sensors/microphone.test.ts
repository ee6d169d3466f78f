import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SampleBlock, SensorSettings, SensorStream, splitAddress } from 'spikewire/sensors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { needs } from '../../../test/services.ts';
import { FakePrograms, isAlive } from '../../fixtures/fake-programs.ts';
import { take } from '../../fixtures/take.ts';
import { microphoneDriver } from './microphone.ts';

function openMicrophone(address: string) {
  const { name, texts } = splitAddress(address.slice('mic:'.length));
  return microphoneDriver.open(name, new SensorSettings(address, texts));
}

/** What a microphone says instead of giving samples. */
async function problemOf(address: string): Promise<string> {
  const end = new AbortController();
  return new Promise((resolve, reject) => {
    const onProblem = ({ message }: Error) => {
      resolve(message);
      end.abort();
    };
    openMicrophone(address).then((sensor) => take(sensor, 1, { onProblem, signal: end.signal }), reject);
  });
}

describe('the real arecord', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spikewire-sound-'));
    vi.stubEnv('HOME', folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  /** A device of ALSA that records a file, as fast as it is read. */
  async function play(bytes: Uint8Array): Promise<void> {
    await writeFile(join(folder, 'sound.raw'), bytes);
    const device = `type file; slave.pcm "null"; file "/dev/null"; infile "${folder}/sound.raw"; format "raw"`;
    await writeFile(join(folder, '.asoundrc'), `pcm.recorded { ${device} }`);
  }

  async function first(address: string): Promise<SampleBlock> {
    const sensor = await openMicrophone(address);
    if (!('samples' in sensor)) throw new Error('it does not speak');
    for await (const block of sensor.samples(new AbortController().signal)) return block;
    throw new Error('it gave nothing');
  }

  it('gives what a device of ALSA records, in each format', async (context) => {
    needs(context, 'alsa-utils');
    const shares = Float32Array.from({ length: 40_000 }, (_, k) => Math.round(1000 * Math.sin(k / 7)) / 1024);
    const forms = {
      S16_LE: Int16Array.from(shares, (share) => share * 2 ** 15),
      S32_LE: Int32Array.from(shares, (share) => share * 2 ** 31),
      FLOAT_LE: shares,
    };
    for (const [format, numbers] of Object.entries(forms)) {
      await play(new Uint8Array(numbers.buffer));
      const { times, values } = await first(`mic:recorded?rate=8000&count=2&format=${format}`);
      expect(values.length, format).toBe(2 * times.length);
      expect(values.length, format).toBeGreaterThan(100);
      expect(
        values.findIndex((value, k) => value !== shares[k]),
        format,
      ).toBe(-1);
      expect(times.at(-1)! - times[0]!, format).toBeCloseTo((times.length - 1) / 8000, 9);
    }
  });

  it('says which device it does not know, and what to look at', async (context) => {
    needs(context, 'alsa-utils');
    expect(await problemOf('mic:nowhere')).toMatch(
      /^mic:nowhere: arecord: .*No such file or directory; expected a device that arecord -L lists; where it lists no/,
    );
  });
});

describe('a fake arecord', () => {
  let fakes: FakePrograms;
  beforeEach(async () => {
    fakes = await FakePrograms.make();
    await fakes.pretend('arecord');
  });
  afterEach(() => fakes.remove());

  it('that takes no signal and leaves programs of its own ends with the sensor all the same', async () => {
    await fakes.write(
      'arecord',
      `trap '' TERM
      echo $$ >> '${fakes.folder}/arecord.pids'
      sleep 60 &
      echo $! >> '${fakes.folder}/arecord.pids'
      while :; do printf 0123456789; sleep 0.1; done`,
    );
    const stream = new SensorStream(await openMicrophone('mic:default'));
    await stream.read();
    await stream.close();
    const [own, left] = fakes.pids('arecord');
    process.kill(left!);
    expect(isAlive(own!)).toBe(false);
  });

  it('that gives a second of sound at once has taken all of it before', async () => {
    const sensor = await openMicrophone('mic:hw:1,0?rate=8000');
    if (!('samples' in sensor)) throw new Error('it does not speak');
    const end = new AbortController();
    const blocks = sensor.samples(end.signal)[Symbol.asyncIterator]();
    const first = blocks.next();
    const output = await fakes.output('arecord');
    await output.write(new Uint8Array(16_000));
    const { times } = (await first).value as SampleBlock;
    expect(times.at(-1)).toBeLessThanOrEqual(performance.now() / 1000);
    end.abort();
    await blocks.return?.();
    await output.close();
  });

  it('that reports an overrun makes a gap of as many samples as ALSA lost', async () => {
    for (const name of ['said', 'later']) await fakes.pretend(name);
    const at = (name: string) => `'${fakes.folder}/${name}.out'`;
    const script = `echo "$*" >> '${fakes.folder}/arecord.words'; cat ${at('arecord')}; cat ${at('said')} >&2; exec cat ${at('later')}`;
    await fakes.write('arecord', script);
    const stream = new SensorStream(await openMicrophone('mic:hw:1,0?rate=8000'));
    const write = async (name: string, bytes: string | Uint8Array) => {
      const output = await fakes.output(name);
      await output.write(bytes as string);
      return output;
    };
    const first = stream.read(400);
    const output = await write('arecord', new Uint8Array(800));
    await first;
    await output.close();
    // As alsa-utils 1.2.14 says it.
    await (await write('said', 'overrun!!! (at least 250.125 ms long)\n')).close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = stream.read(400);
    // The last byte is half a sample.
    const later = await write('later', new Uint8Array(801));
    await second;
    const { figures } = stream;
    await stream.close();
    await later.close();
    expect(fakes.words('arecord')).toEqual(['-D hw:1,0 -t raw -f S16_LE -r 8000 -c 1']);
    expect(figures).toMatchObject({ samples: 800, gaps: 1, missing: 2001, duplicates: 0, backwards: 0 });
  });

  it('that was killed counts what was lost while it was away', async () => {
    const stream = new SensorStream(await openMicrophone('mic:hw:1,0?rate=8000'));
    const reading = stream.read(400);
    const output = await fakes.output('arecord');
    await output.write(new Uint8Array(800));
    await reading;
    await fakes.kill('arecord');
    await output.close();
    const next = stream.read(400);
    const again = await fakes.output('arecord');
    await again.write(new Uint8Array(800));
    await next;
    const pids = fakes.pids('arecord');
    const { figures } = stream;
    await stream.close();
    await again.close();
    expect(figures).toMatchObject({ samples: 800, problems: 1, gaps: 1, backwards: 0, problem: null });
    // It was looked for again after a quarter of a second, 400 samples being taken as of just before.
    expect(figures.missing).toBeGreaterThan(8000 / 4 - 401);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('that records at another rate than it was asked for ends the stream', async () => {
    const warning = 'Warning: rate is not accurate (requested = 16000Hz, got = 44100Hz)\n';
    await fakes.say('arecord', `${warning}         please, try the plug plugin\n`);
    const stream = new SensorStream(await openMicrophone('mic:hw:1,0'));
    const ended = expect(stream.read(1e4)).rejects.toMatchObject({
      code: 'usage',
      message: 'mic:hw:1,0: does not record at 16000 per second; expected rate=44100, or plughw:…, which converts',
    });
    const output = await fakes.output('arecord');
    const writing = setInterval(() => void output.write(new Uint8Array(64)).catch(() => {}), 5);
    await ended;
    clearInterval(writing);
    await stream.close();
    await output.close();
  });

  it.each([
    ['arecord: main:850: audio open error: Permission denied', 'membership of the group audio: sudo usermod -aG audio'],
    [
      'arecord: main:850: audio open error: Device or resource busy',
      'a device that is not in use (fuser -v /dev/snd/*',
    ],
    ['arecord: set_params:1387: Channels count non available', 'what the device has, or plughw:…, which converts'],
  ])('%s has what mends it', async (said, mend) => {
    await fakes.fail('arecord', `ALSA lib nothing of interest\n${said}\n`);
    expect(await problemOf('mic:plughw:1,0')).toContain(`mic:plughw:1,0: ${said}; expected ${mend}`);
  });
});

it('without arecord says what to install', async () => {
  vi.stubEnv('PATH', '/nowhere');
  await expect(take(await openMicrophone('mic:default'), 1)).rejects.toThrow(
    'mic:default: needs arecord; expected sudo apt install alsa-utils',
  );
  vi.unstubAllEnvs();
});

it.each(['rate=8000.5', 'count=1.5', 'rate=10', 'count=0', 'format=GSM'])('%s is refused', async (setting) => {
  await expect(openMicrophone(`mic:default?${setting}`)).rejects.toMatchObject({ code: 'usage' });
});
