import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, type TestContext } from 'vitest';
import { hashOf, NO_ENTRY } from '../../controller/history/chain.ts';
import { ControllerClient } from './client.ts';
import { checkServedHistory } from './served-history.ts';

/** A client of a server that answers with entries of 10 a page, without end. */
async function endless(context: TestContext): Promise<ControllerClient> {
  let { hash } = NO_ENTRY;
  const server = createServer((request, response) => {
    const after = Number(new URL(request.url!, 'http://x').searchParams.get('after'));
    const items = Array.from({ length: 10 }, (_, k) => {
      const entry = { number: after + k + 1, time: 0, actor: 'ann', action: 'pause', subject: 'x', details: '{}' };
      const row = { ...entry, previous: hash, hash: hashOf({ ...entry, previous: hash }) };
      ({ hash } = row);
      return row;
    });
    response.end(JSON.stringify({ items }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  context.onTestFinished(() => void server.close());
  return new ControllerClient(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), 'secret');
}

it('ends in time for a history that has no end, and shows how far it is', async (context) => {
  const lines: string[] = [];
  const console = { progress: (line: string) => void lines.push(line) } as never;
  const check = await checkServedHistory(await endless(context), { console, within: 200 });
  expect(check).toMatchObject({ kind: 'whole', isCut: true });
  const { number } = check.kind === 'whole' ? check.head : { number: 0 };
  expect(number).toBeGreaterThan(0);
  expect(lines[0]).toBe('10 entries of the history checked');
  expect(lines.at(-1)).toBe(`${number} entries of the history checked`);
});

it('takes no answer that is larger than any of a controller', async (context) => {
  const server = createServer((_, response) => void response.end(`{"items":["${'x'.repeat(17e6)}"]}`));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  context.onTestFinished(() => void server.close());
  const client = new ControllerClient(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), 'secret');
  await expect(client.get('/v1/status')).rejects.toThrow('sends more than 16777216 bytes');
});
