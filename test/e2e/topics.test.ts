import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReadingModel, RandomGenerator, writeModel } from '@spikewire/models';
import { InferenceWorker } from 'spikewire/executor';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

const TOPICS = 150;
const ROUNDS = 3;

let folder: string;
let broker: TestBroker | undefined;
let commands: RunningCommand[];
let link: MqttLink | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-topics-'));
  commands = [];
});

afterEach(async () => {
  await link?.close();
  link = undefined;
  await killAll(commands);
  await broker?.close();
  broker = undefined;
  await rm(folder, { recursive: true, force: true });
});

describe('many topics behind a "+"', () => {
  it('lose no reading, and come back after a restart where they were', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    const model = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 20 });
    await writeFile(join(folder, 'level.spike'), writeModel(model));
    const answered = new Map<string, number[]>();
    const errors: string[] = [];
    const random = new RandomGenerator(1, 'test');
    link = await MqttLink.connect(broker!.url, {
      clientId: 'sensors',
      random: () => random.nextUniform(),
      subscriptions: [
        {
          filter: 'out/+',
          handler({ topic, payload }) {
            const { seq } = JSON.parse(Buffer.from(payload).toString()) as { seq: number };
            answered.set(topic, [...(answered.get(topic) ?? []), seq]);
          },
        },
        { filter: 'out/+/error', handler: ({ payload }) => void errors.push(Buffer.from(payload).toString()) },
      ],
    });
    const speak = async () => {
      const sent = [];
      for (let k = 0; k < ROUNDS * TOPICS; k++) sent.push(link!.publish(`in/${k % TOPICS}`, `${20 + k / 100}`));
      await Promise.all(sent);
    };
    const all = (rounds: number) => [...answered.values()].filter(({ length }) => length === rounds).length;
    for (const run of [1, 2]) {
      const command = await start();
      await speak();
      await until(() => all(run * ROUNDS) === TOPICS || errors.length > 0);
      expect(errors).toEqual([]);
      command.process.kill('SIGTERM');
      await command.ended;
    }
    const numbers = Array.from({ length: 2 * ROUNDS }, (_, k) => k + 1);
    for (const seen of answered.values()) expect(seen).toEqual(numbers);
  });

  async function start(): Promise<RunningCommand> {
    const routes = ['--in', 'in/+', '--out', 'out/+', '--learn', '--store', 'learned'];
    const command = startCommand(['run', 'level.spike', '--mqtt', broker!.url, ...routes], folder);
    commands.push(command);
    await command.says(/running level\.spike/);
    return command;
  }

  it('fit into the thread that runs them as far as memory allows', async () => {
    const bytes = readFileSync(new URL('../../models/zoo/next-reading-1.spike', import.meta.url));
    const worker = new InferenceWorker('clocked', { memory: 2 ** 30 });
    const nothing = { step: new Int32Array(0), node: new Int32Array(0), index: new Int32Array(0) };
    const input = { ...nothing, value: new Float64Array(0) };
    const nets = [];
    for (let k = 0; k < 1200; k++) nets.push(await worker.open(bytes));
    for (const net of nets) await net.run({ steps: 1, input });
    await worker.close();
  });
});
