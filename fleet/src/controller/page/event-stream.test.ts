import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessages } from './event-stream.ts';

/** What is read where the text comes in these parts. */
function readParts(parts: readonly string[]): string[] {
  let [rest, read]: [string, string[]] = ['', []];
  for (const part of parts) {
    const { messages, rest: next } = readMessages(rest + part);
    [rest, read] = [next, [...read, ...messages]];
  }
  return read;
}

describe('a stream of events', () => {
  it('gives the data of whole messages, and keeps the rest', () => {
    expect(readMessages('data: a\n\ndata: b')).toEqual({ messages: ['a'], rest: 'data: b' });
  });

  it('joins lines, and takes every end of a line', () => {
    expect(readMessages('data: a\r\ndata:b\r\n\r\n').messages).toEqual(['a\nb']);
  });

  it('passes over comments and other fields', () => {
    expect(readMessages(': alive\n\nevent: change\nid: 7\ndata: a\n\n').messages).toEqual(['a']);
  });

  it('is the same in whatever parts it comes', () => {
    const text = ': begins\n\ndata: {"changed":["devices"]}\n\ndata: x\ndata: y\n\n: alive\n\ndata: z\n\n';
    const cuts = fc.array(fc.nat(text.length)).map((places) => [0, ...places.toSorted((a, b) => a - b), text.length]);
    fc.assert(
      fc.property(cuts, (places) => {
        const parts = places.slice(1).map((end, k) => text.slice(places[k], end));
        expect(readParts(parts)).toEqual(['{"changed":["devices"]}', 'x\ny', 'z']);
      }),
    );
  });

  it('drops a message without an end before it fills the memory', () => {
    expect(readMessages(`data: ${'x'.repeat(70_000)}`).rest).toBe('');
  });
});
