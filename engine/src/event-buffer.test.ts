import { describe, expect, it } from 'vitest';
import { EventBuffer } from './event-buffer.ts';

describe('EventBuffer', () => {
  it('keeps what fits, counts what does not, and never grows', () => {
    const buffer = new EventBuffer(2);
    for (let k = 0; k < 5; k++) buffer.push(k, 1, k, 0.5);
    expect([buffer.length, buffer.dropped, buffer.step.length]).toEqual([2, 3, 2]);
    expect(Array.from(buffer.step)).toEqual([0, 1]);
  });

  it('is empty after clear, but remembers its drops', () => {
    const buffer = new EventBuffer(1);
    buffer.push(0, 0, 0, 1);
    buffer.push(0, 0, 1, 1);
    buffer.clear();
    expect([buffer.length, buffer.dropped]).toEqual([0, 1]);
    buffer.push(7, 2, 3, 4);
    expect([buffer.step[0], buffer.node[0], buffer.index[0], buffer.value[0]]).toEqual([7, 2, 3, 4]);
  });

  it('travels as a list of copies', () => {
    const buffer = new EventBuffer(4);
    buffer.push(1, 2, 3, 0.25);
    const list = buffer.toList();
    buffer.clear();
    buffer.push(9, 9, 9, 9);
    const arrived = EventBuffer.of(list);
    expect([arrived.length, arrived.capacity]).toEqual([1, 1]);
    expect([arrived.step[0], arrived.node[0], arrived.index[0], arrived.value[0]]).toEqual([1, 2, 3, 0.25]);
  });
});
