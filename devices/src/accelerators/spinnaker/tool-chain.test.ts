import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { ToolChain } from './tool-chain.ts';

async function twoSides() {
  const tools = createSocket('udp4').bind(0, '127.0.0.1');
  await once(tools, 'listening');
  const listener = await ToolChain.listen(0);
  onTestFinished(async () => {
    tools.close();
    await listener.close().catch(() => {});
  });
  const say = (command: number, text = '') =>
    tools.send(Buffer.from([command, 0x40, ...Buffer.from(text)]), listener.port, '127.0.0.1');
  return { tools, listener, say };
}

it('confirms each word of the database, as an answer may be lost', async () => {
  const { tools, listener, say } = await twoSides();
  say(0x01, '/net.sqlite3');
  expect(await listener.database(20)).toBe('/net.sqlite3');
  listener.confirm();
  await once(tools, 'message');
  say(0x01, '/net.sqlite3');
  const [again] = (await once(tools, 'message')) as [Buffer];
  expect([...again]).toEqual([0x01, 0x40]);
});

it('wakes who waits for the net when that is closed, and at its own end', async () => {
  const { listener } = await twoSides();
  const net = listener.running(3600);
  listener.cancel();
  await expect(net).rejects.toThrow('is no longer listened to');
  const database = listener.database(3600);
  await listener.close();
  await expect(database).rejects.toThrow('is no longer listened to');
});

it('hears this machine alone, unless another address is given', async () => {
  const { listener } = await twoSides();
  // The same port of another address of this machine is free.
  const other = createSocket('udp4').bind(listener.port, '127.0.0.2');
  await once(other, 'listening');
  other.close();
});

it('takes commands only from the machine that named the database', async () => {
  const everywhere = await ToolChain.listen(0, '0.0.0.0');
  const [first, second] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4').bind(0, '127.0.0.2')];
  await Promise.all([once(first, 'listening'), once(second, 'listening')]);
  onTestFinished(async () => {
    first.close();
    second.close();
    await everywhere.close();
  });
  first.send(Buffer.from([0x01, 0x40, 0x2f]), everywhere.port, '127.0.0.1');
  await everywhere.database(20);
  second.send(Buffer.from([0x0a, 0x40]), everywhere.port, '127.0.0.1', () => {
    first.send(Buffer.from([0x0b, 0x40]), everywhere.port, '127.0.0.1');
  });
  await everywhere.running(20);
});
