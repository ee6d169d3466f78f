import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { startServer } from './server.ts';

it('lets a client go that sends its body slowly, unless that is a backup, and waits for no answer', async (context) => {
  const application = new Hono()
    .post('*', async ({ req, text }) => text(String((await req.arrayBuffer()).byteLength)))
    .get('*', async ({ text }) => {
      await delay(500);
      return text('late');
    });
  const server = await startServer(application as never, '127.0.0.1', 0, 100);
  context.onTestFinished(() => server.close(0));
  const slowly = async (path: string): Promise<string> => {
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.on('error', () => {}).on('data', (part) => (answer += part));
    socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\nx`);
    const closed = once(socket, 'close');
    await Promise.race([closed, delay(500)]);
    socket.write('x');
    await closed;
    return answer;
  };
  expect(await slowly('/v1/report')).toBe('');
  expect(await slowly('/v1/backup')).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n2$/);
  expect(await (await fetch(`http://127.0.0.1:${server.port}/`)).text()).toBe('late');
});
