import { expect, it } from 'vitest';
import { Plant } from './plant.ts';
import { aboutMotes } from './scene.ts';

it('tells of each mote with steam, once or often, and of the moved one', () => {
  const stream = (id: string, events: readonly { first: number; last: number }[]) => ({
    id,
    name: id,
    readings: [],
    events,
  });
  const event = { first: 1, last: 2 };
  const streams = [stream('once', [event]), stream('often', [event, event]), stream('never', []), stream('moved', [])];
  const about = aboutMotes(new Plant(streams, { stream: 'moved', reading: 5, shift: 3 }));
  expect([...about.keys()]).toEqual(['once', 'often', 'moved']);
});
