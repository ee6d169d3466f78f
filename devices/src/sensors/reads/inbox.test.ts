import type { SampleBlock } from 'spikewire/sensors';
import { expect, it } from 'vitest';
import { SampleInbox } from './inbox.ts';

const blockAt = (time: number): SampleBlock => ({
  origin: 0,
  times: Float64Array.of(time),
  values: Float64Array.of(time),
});

it('takes a burst or none of it, and tells how much did not fit behind what did', async () => {
  const inbox = new SampleInbox();
  for (let time = 0; time < 4095; time++) expect(inbox.push(blockAt(time))).toBe(true);
  expect(inbox.push(blockAt(5000), blockAt(5001))).toBe(false);
  expect(inbox.push(blockAt(4095))).toBe(true);
  inbox.tell('nothing is kept of this');
  const end = new AbortController();
  const taken: SampleBlock[] = [];
  for await (const block of inbox.taken(end.signal)) {
    taken.push(block);
    if (taken.length === 4097) end.abort();
  }
  expect(taken.slice(0, 4096).map(({ times: [time] }) => time)).toEqual(Array.from({ length: 4096 }, (_, k) => k));
  expect(taken[4096]!.problem).toBe('2 samples came in a burst too large to be taken');
});
