import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, type TestContext } from 'vitest';
import { freePort } from '../../../../test/e2e/mosquitto.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { Registry } from '../devices/registry.ts';
import { joined } from '../devices/test-device.test-data.ts';
import { type HintBroker, Hints } from './hints.ts';
import { MqttHints } from './mqtt-hints.ts';

class TestBroker implements HintBroker {
  isConnected = true;
  isCongested = false;
  readonly hints: string[] = [];

  async hint(device: string): Promise<void> {
    if (this.isCongested) throw new Error('dropped, the network is too slow');
    this.hints.push(device);
  }
}

async function controller(address: string, holder: string, context: TestContext) {
  const database = await opened(address, context);
  const [broker, counts, lines] = [new TestBroker(), { sent: 0, dropped: 0, waiting: 0 }, [] as string[]];
  const hints = new Hints({ database, holder, broker, counts, warn: (line) => lines.push(line) });
  return { database, broker, counts, lines, hints };
}

/** A device whose orders have changed. */
async function pendingDevice(registry: Registry): Promise<string> {
  const [device] = await joined(registry, 1);
  await device!.report(registry);
  await registry.relabel(device!.id, { site: 'mill' }, 'ann');
  return device!.id;
}

describe.each(ENGINES)('hints of controllers of one database, in %s,', (engine) => {
  it('come from one of them, and from another one when that has ended', async (context) => {
    const address = await newDatabase(engine, context);
    const [a, b] = await Promise.all(['a', 'b'].map((holder) => controller(address, holder, context)));
    const device = await pendingDevice(new Registry(a!.database));
    for (const { hints } of [a!, b!, a!, b!]) await hints.look();
    expect([a!.broker.hints, b!.broker.hints]).toEqual([[device], []]);
    await a!.hints.run(AbortSignal.abort());
    await b!.hints.look();
    expect(b!.broker.hints).toEqual([device]);
    expect(b!.counts).toEqual({ sent: 1, dropped: 0, waiting: 0 });
  });

  it('are not sent without a broker, and begin anew when it is back', async (context) => {
    const { database, broker, counts, hints } = await controller(await newDatabase(engine, context), 'a', context);
    const device = await pendingDevice(new Registry(database));
    broker.isConnected = false;
    await hints.look();
    expect(broker.hints).toEqual([]);
    broker.isConnected = true;
    await hints.look();
    await hints.look(); // the pause after the first one is not over
    expect(broker.hints).toEqual([device]);
    broker.isConnected = false;
    await hints.look();
    [broker.isConnected, broker.isCongested] = [true, true];
    await hints.look();
    await expect.poll(() => counts).toEqual({ sent: 1, dropped: 1, waiting: 0 });
  });

  it('are tried again where the database fails, which is said once', async (context) => {
    const { database, broker, lines, hints } = await controller(await newDatabase(engine, context), 'a', context);
    const device = await pendingDevice(new Registry(database));
    await database.queries.schema.alterTable('history').renameTo('elsewhere').execute();
    for (let look = 0; look < 3; look++) await hints.look();
    expect(lines).toEqual([expect.stringMatching(/^hints: .*; it is tried again$/)]);
    await database.queries.schema.alterTable('elsewhere').renameTo('history').execute();
    await hints.look();
    expect(broker.hints).toEqual([device]);
  });
});

it('a broker that is not there, or says nothing, is named once and disturbs nobody', async (context) => {
  const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  context.onTestFinished(() => void silent.close());
  for (const port of [await freePort(), (silent.address() as { port: number }).port]) {
    const lines: string[] = [];
    const broker = new MqttHints({ url: `mqtt://127.0.0.1:${port}` }, (line) => lines.push(line));
    await expect.poll(() => lines).toEqual([expect.stringMatching(/^broker .*devices get no hints until/)]);
    expect(broker.isConnected).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 2000)); // it tries again
    await broker.close();
    expect(lines).toHaveLength(1);
  }
});
