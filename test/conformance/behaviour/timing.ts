import { parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../chain.ts';
import type { EngineUnderTest } from '../engine-under-test.ts';
import { play, stepsOf } from '../play.ts';

/** Spikes in the step in which at least one spike arrives. */
const relay = { type: 'IF', r: 1000, v_threshold: 0.75 };
/** The same for `size` neurons, with whole weights so that each neuron stands for itself. */
const identity = (size: number) => ({
  type: 'Linear',
  weight: Array.from({ length: size }, (_, o) => Array.from({ length: size }, (_, i) => (i === o ? 1 : 0))),
});
const ends = { in: { type: 'Input', shape: [1] }, out: { type: 'Output', shape: [1] } };

export function describeTiming({ load }: EngineUnderTest): void {
  describe('timing', () => {
    it('passes all layers in one step', () => {
      const model = parseModel({
        nodes: { ...ends, a: relay, ab: identity(1), b: relay, bc: identity(1), c: relay },
        edges: chain('in', 'a', 'ab', 'b', 'bc', 'c', 'out'),
      });
      const { a, b, c, out } = play(load(model), 5, { in: [[3, 0]] });
      for (const events of [a, b, c, out]) expect(events).toEqual([[3, 0, 1]]);
    });

    it('visits nodes after their sources, whatever the order in the file', () => {
      const model = parseModel({
        nodes: { out: ends.out, b: relay, fc: identity(1), a: relay, in: ends.in },
        edges: [
          ['b', 'out'],
          ['fc', 'b'],
          ['a', 'fc'],
          ['in', 'a'],
        ],
      });
      expect(play(load(model), 2, { in: [[0, 0]] }).out).toEqual([[0, 0, 1]]);
    });

    it.each([1, 2, 7])('delivers %d steps later what an edge of that delay was given', (delay) => {
      const model = parseModel({
        nodes: { ...ends, fc: identity(1), a: relay },
        edges: [
          ['in', 'fc', { delay }],
          ['fc', 'a'],
          ['a', 'out'],
        ],
      });
      const given = [0, 1, 4, 6];
      expect(stepsOf(play(load(model), 20, { in: given.map((step) => [step, 0]) }).out)).toEqual(
        given.map((step) => step + delay),
      );
    });

    it('sums several edges and delays between the same nodes', () => {
      const model = parseModel({
        nodes: { ...ends, fc: identity(1), pair: { ...relay, v_threshold: 1.5 } },
        edges: [
          ['in', 'fc'],
          ['fc', 'pair'],
          ['fc', 'pair', { delay: 2 }],
          ['pair', 'out'],
        ],
        semantics: { reset: 'value' },
      });
      // One spike arrives twice, and both together pass the threshold.
      expect(stepsOf(play(load(model), 8, { in: [[1, 0]] }).out)).toEqual([3]);
    });

    it('delivers nothing before the start, not even a bias behind a delay, or says that it cannot', () => {
      const model = parseModel({
        nodes: { ...ends, drive: { type: 'Affine', weight: [[1]], bias: [1] }, a: relay },
        edges: [
          ['in', 'drive'],
          ['drive', 'a', { delay: 3 }],
          ['a', 'out'],
        ],
      });
      let net: ReturnType<typeof load>;
      try {
        net = load(model);
      } catch (error) {
        // In whole numbers a bias is in the constants of the population.
        expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('"drive"') });
        return;
      }
      expect(stepsOf(play(net, 6).out)).toEqual([3, 4, 5]);
    });

    it('goes round a loop with the delay of its edges', () => {
      const model = parseModel({
        nodes: { ...ends, fc: identity(1), a: relay, back: identity(1) },
        edges: [...chain('in', 'fc', 'a', 'out'), ['a', 'back', { delay: 2 }], ['back', 'a', { delay: 1 }]],
      });
      expect(stepsOf(play(load(model), 14, { in: [[1, 0]] }).out)).toEqual([1, 4, 7, 10, 13]);
    });

    it('counts an edge that stands twice once, and says so', () => {
      const model = parseModel({
        nodes: { ...ends, fc: identity(1), pair: { ...relay, v_threshold: 1.5 } },
        edges: [
          ['in', 'fc'],
          ['fc', 'pair'],
          ['fc', 'pair'],
          ['pair', 'out'],
        ],
      });
      const net = load(model);
      expect(
        stepsOf(
          play(net, 4, {
            in: [
              [0, 0],
              [2, 0],
            ],
          }).out,
        ),
      ).toEqual([2]);
    });

    it('dissolves a sub-graph', () => {
      const inner = {
        type: 'NIRGraph',
        nodes: {
          input: { type: 'Input', shape: [2] },
          fc: identity(2),
          a: relay,
          output: { type: 'Output', shape: [2] },
        },
        edges: [
          ['input', 'fc'],
          ['fc', 'a'],
          ['a', 'output', { delay: 1 }],
        ],
      };
      const model = parseModel({
        nodes: { in: { type: 'Input', shape: [2] }, inner, out: { type: 'Output', shape: [2] } },
        edges: [
          ['in', 'inner', { delay: 1 }],
          ['inner', 'out'],
        ],
      });
      const events = play(load(model), 6, {
        in: [
          [0, 1],
          [2, 0],
        ],
      });
      expect(events['inner/a']).toEqual([
        [1, 1, 1],
        [3, 0, 1],
      ]);
      expect(events.out).toEqual([
        [2, 1, 1],
        [4, 0, 1],
      ]);
    });
  });
}
