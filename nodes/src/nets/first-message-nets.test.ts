import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FirstMessageNets } from './first-message-nets.ts';
import type { Nets } from './nets.ts';

it('learns from the first of messages that come at once, and lets none overtake another', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'spikewire-first-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const said: string[] = [];
  const first = new FirstMessageNets<unknown>({
    directory,
    form: { file: 'first.json', toJson: (found) => found, fromJson: (document) => document },
    find(payload) {
      said.push('found');
      return JSON.parse(new TextDecoder().decode(payload));
    },
    make: () => ({ keyOf: () => '', close: async () => {} }) as unknown as Nets,
    warn: (line) => said.push(line),
  });
  const order: number[] = [];
  const messages = Array.from({ length: 100 }, (_, k) => first.netsFor({ payload: k }).then(() => order.push(k)));
  await Promise.all(messages);
  expect(said).toEqual(['found']);
  expect(first.found).toEqual([0]);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});
