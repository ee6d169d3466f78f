import { expect, it } from 'vitest';
import { BrokerDrops } from './broker-drops.ts';

it('counts what a broker has dropped since it was first heard, over its restarts, and nothing it does not say', () => {
  const drops = new BrokerDrops();
  const said = ['', 'none', '7000', '7000', '7012', '-3', '1e999', '5', '6'];
  const counts = said.map((text) => {
    drops.take(new TextEncoder().encode(text));
    return drops.count;
  });
  expect(counts).toEqual([undefined, undefined, 0, 0, 12, 12, 12, 17, 18]);
});
