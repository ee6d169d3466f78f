import { EventEmitter } from 'node:events';
import { encoderKinds } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { Message, NodeRed, RuntimeNode } from '../node-red.ts';
import { windowOf } from '../spikes/spikes.ts';
import { decodeNode } from './decode.ts';
import { encodeNode } from './encode.ts';
import type { PaletteNode } from './node.ts';

const RED = { _: (key: string) => key } as unknown as NodeRed;

/** A node that answers messages at once: what it sends, and the problem that it ends with. */
function open(declared: PaletteNode, configuration: object) {
  const errors: string[] = [];
  const node = Object.assign(new EventEmitter(), { status() {}, error: (line: string) => errors.push(line) });
  declared.open(RED, node as unknown as RuntimeNode, { ...configuration });
  const ask = (payload: unknown, topic?: string) => {
    const sent: Message[] = [];
    let problem: unknown;
    const done = (failure?: Error) => {
      problem = failure;
    };
    node.emit('input', { payload, topic }, (message: Message) => sent.push(message), done);
    return { sent, problem: problem === undefined ? undefined : String(problem) };
  };
  return { ask, errors };
}

const answer = (asked: { readonly sent: Message[] }) => asked.sent[0]!.payload;

describe('a reading through an encoder and a decoder', () => {
  const reading = [2, 9, 5];

  it.each([
    ['latency', 'earliest-spike'],
    ['rank-order', 'rank'],
    ['uniform', 'count'],
    ['poisson', 'max-rate'],
  ])('%s and %s names the largest number', (encoder, decoder) => {
    const encode = open(encodeNode, { encoder, range: '0, 10', steps: '200' });
    const decode = open(decodeNode, { decoder, labels: 'low, high, middle' });
    expect(answer(decode.ask(answer(encode.ask(reading))))).toBe('high');
    expect(answer(decode.ask(answer(encode.ask({ a: 8, b: 1, c: 0 }))))).toBe('low');
  });

  it('population and population vector give the numbers back', () => {
    const encode = open(encodeNode, { encoder: 'population', range: '0, 10', populationFields: '9' });
    const decode = open(decodeNode, { decoder: 'population-vector', range: '0, 10', populationVectorFields: '9' });
    for (const [k, value] of (answer(decode.ask(answer(encode.ask(reading)))) as number[]).entries())
      expect(Math.abs(value - reading[k]!)).toBeLessThan(0.5);
  });

  it.each(encoderKinds.map(({ type }) => type))('%s gives what can be read, with its usual parameters', (encoder) => {
    const { ask, errors } = open(encodeNode, { encoder, range: '0, 10' });
    const { sent, problem } = ask([2, 9]);
    expect([problem, errors]).toEqual([undefined, []]);
    const payload = sent[0]!.payload as { size: number; steps: number };
    const { size, steps, events } = windowOf(JSON.parse(JSON.stringify(payload)));
    expect([size, steps]).toEqual([payload.size, 32]);
    expect(events.length).toBeGreaterThan(0);
  });

  it('is kept apart by topic, and waits for its range', () => {
    const { ask } = open(encodeNode, { encoder: 'delta', range: '', warmUp: '3' });
    for (const value of [1, 3]) expect(ask(value, 'a').sent).toEqual([]);
    expect(ask(2, 'b').sent).toEqual([]);
    expect(ask(2, 'a').sent).toHaveLength(1);
  });

  it('of more topics than are kept is refused', () => {
    const { ask } = open(encodeNode, { range: '0, 1' });
    for (let k = 0; k < 64; k++) expect(ask(0.5, `sensor ${k}`).sent).toHaveLength(1);
    expect(ask(0.5, 'one more').problem).toContain('exceeds the limit of 64');
    expect(ask(0.5, 'sensor 3').sent).toHaveLength(1);
  });

  it.each([['x'], [[]], [[1, Number.NaN]], [{ a: '1' }], [undefined]])('is refused where it is %j', (payload) => {
    const { sent, problem } = open(encodeNode, { range: '0, 1' }).ask(payload);
    expect(sent).toEqual([]);
    expect(problem).toContain('expected a number, or numbers in an array or object');
  });

  it('is refused by a node whose settings are wrong', () => {
    for (const wrong of [
      { range: '5' },
      { range: '5, 1' },
      { range: ', 1' },
      { encoder: 'population', populationFields: '2' },
    ])
      expect(open(encodeNode, wrong).errors).toHaveLength(1);
  });
});

describe('spikes', () => {
  const count = () => open(decodeNode, {});

  it('may leave out their size, and carry values', () => {
    expect(answer(count().ask({ spikes: [[0], [], [2, 2]] }))).toBe(2);
    const sums = open(decodeNode, { decoder: 'linear' });
    expect(answer(sums.ask({ size: 3, spikes: [[0], [1, 2]], values: [[9], [0.5, -2]] }))).toEqual([0, 0.5, -2]);
  });

  it.each([
    [{}, 'has no spikes'],
    [{ spikes: [] }, 'has no spikes'],
    [{ spikes: [1] }, 'spikes[0] is 1'],
    [{ spikes: [[-1]] }, 'has -1 among its spikes'],
    [{ spikes: [[3]], size: 3 }, 'expected elements from 0 to 2'],
    [{ spikes: [[0.5]] }, 'has 0.5 among its spikes'],
    [{ spikes: [[0, 1]], values: [[1]] }, 'values[0] is'],
    [{ spikes: [[1]], size: 2 ** 30 }, 'elements in 1 steps'],
    [{ spikes: Array.from({ length: 5000 }, () => []) }, 'a list for each of up to 4096 steps'],
  ])('are refused where they are %j', (payload, problem) => {
    const { ask } = count();
    expect(ask(payload).problem).toContain(problem);
    expect(ask({ spikes: [[1]] }).sent).toHaveLength(1);
  });
});
