import { expect, it } from 'vitest';
import { Offers } from '../../offers/offers.ts';
import { startTestServer } from '../test-server.test-data.ts';

it('finds the base of a model and channel among more than a page of them', async (context) => {
  const said = { groups: [], engine: '0.2.0', form: 'float32', input: '', memory: 1, selfTests: 0, carrying: [] };
  const targets = new Map(
    Array.from({ length: 120 }, (_, k) => {
      const name = `stable/pump-${k}.spike`;
      const words = Object.entries({ ...said, model: `pump-${k}`, channel: 'stable', bases: [] });
      return [name, { name, length: 1, sha256: 'a'.repeat(64), custom: new Map([['spikewire', new Map(words)]]) }];
    }),
  );
  const offers = new Offers({ refresh: async () => ({ targets }) as never });
  const { done } = await startTestServer('sqlite', context, { offers });
  expect((await done('GET', '/v1/offers')).items).toHaveLength(50);
  const { items, next } = await done('GET', '/v1/offers?model=pump-99&channel=stable');
  expect([items.map(({ model }: { model: string }) => model), next]).toEqual([['pump-99'], null]);
  expect((await done('GET', '/v1/offers?model=pump-99&channel=beta')).items).toEqual([]);
});
