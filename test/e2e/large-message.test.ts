import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MqttLink, type MqttVersion } from 'spikewire/mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { startAedes } from './aedes.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

const READER = fileURLToPath(new URL('./large-message-reader.mjs', import.meta.url));
const MIB = 1 << 20;
const LARGE = 96 * MIB;
/** Far less than one large message. */
const ROOM = 40 * MIB;

interface Reader {
  readonly seen: string[];
  readonly lines: string[];
  readonly reconnects: number;
  readonly tooLarge: number;
  readonly grown: number;
}

let broker: TestBroker;
let source: MqttLink;

afterEach(async () => {
  await source?.close();
  await broker?.close();
});

function words(version: MqttVersion): string[] {
  return ['--max-semi-space-size=1', READER, broker.url, version, 'reader', 'large'];
}

/** Reads until "end" as a new process. */
async function read(version: MqttVersion): Promise<Reader> {
  const { stdout } = await promisify(execFile)(process.execPath, words(version));
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** Lets the broker know the reader, and kills it. */
async function readAndDie(version: MqttVersion): Promise<void> {
  const reader = spawn(process.execPath, words(version), { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(reader.stdout!, 'data');
  reader.kill('SIGKILL');
  await once(reader, 'close');
}

describe.each<[string, MqttVersion, () => Promise<TestBroker | undefined>]>([
  ['mosquitto', '3.1.1', startMosquitto],
  ['mosquitto', '5', startMosquitto],
  ['aedes', '3.1.1', startAedes],
])('a message of 96 MiB that %s keeps for a reader, MQTT %s', (name, version, start) => {
  it('is acknowledged, counted, said and left behind in little memory, and does not come again', async (context) => {
    if (name === 'mosquitto') needs(context, 'mosquitto');
    broker = (await start())!;
    await readAndDie(version);
    source = await MqttLink.connect(broker.url, {
      clientId: 'source',
      version,
      random: () => 0,
      maximumPacketBytes: 2 * LARGE,
      outbox: { count: 100, bytes: 3 * LARGE, policy: 'refuse' },
    });
    await source.publish('large', '1');
    await source.publish('large', Buffer.alloc(LARGE));
    for (const text of ['2', 'end']) await source.publish('large', text);
    const first = await read(version);
    // A broker that knows the limit drops the message itself.
    const left = version === '5' ? 0 : 1;
    expect(first).toMatchObject({ seen: ['1', '2', 'end'], reconnects: 0, tooLarge: left });
    expect(first.lines).toHaveLength(left);
    for (const line of first.lines) {
      expect(line).toMatch(/^topic "large": a message of 1006\d{5} bytes dropped; expected at most 1048576$/);
    }
    expect(first.grown).toBeLessThan(ROOM);
    for (const text of ['3', 'end']) await source.publish('large', text);
    expect(await read(version)).toMatchObject({ seen: ['3', 'end'], reconnects: 0, tooLarge: 0, lines: [] });
  });
});
