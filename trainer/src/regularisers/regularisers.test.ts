import { parseModel, resolveGraph } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpret } from '../graph/interpret.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { learnedParametersOf } from '../lowering/learned.ts';
import { type LoweredGraph, lowerGraph } from '../lowering/lower.ts';
import { Signal } from '../lowering/signal.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import { regularisers } from './regularisers.ts';

/**
 * The penalty of a net of two memoryless cells, of which the first spikes in two of four steps and the second never.
 */
function penaltyOf(text: string, first = 3): number {
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      w: {
        type: 'Linear',
        weight: [
          [first, 0],
          [0, 2],
        ],
      },
      cells: { type: 'Threshold', threshold: 1 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'w'],
      ['w', 'cells'],
      ['cells', 'out'],
    ],
  });
  const graph = resolveGraph(model.graph, model.semantics);
  const learned = learnedParametersOf(graph, {});
  const spikes = { surrogate: prepared('surrogate', surrogates, 'arctan') };
  const net = lowerGraph(graph, { batch: 1, steps: 4, held: new Set(), learned, spikes });
  const program = programOf({ penalty: prepared('regulariser', regularisers, text)(net) });
  const numbers = { 'input/in': [1, 0, 0, 0, 1, 0, 0, 0], 'w.weight': [first, 0, 0, 2] };
  const given = new Map(Object.entries(numbers).filter(([name]) => program.inputs.has(name)));
  return interpret(program, given).get('penalty')![0]!;
}

it('rate: the mean square of what rates are too high', () => {
  expect(penaltyOf('rate:strength=2,most=0.1')).toBeCloseTo((2 * 0.4 ** 2) / 2, 12);
  expect(penaltyOf('rate:most=0.5')).toBe(0);
});

it('membrane: the mean square of what membranes are too far from 0, on both sides', () => {
  // Membranes of the first are 3, 0, 3, 0, of the second 0.
  expect(penaltyOf('membrane:strength=2,most=1')).toBeCloseTo((2 * (2 ** 2 + 2 ** 2)) / 8, 12);
  expect(penaltyOf('membrane:strength=2,most=1', -3)).toBeCloseTo((2 * (2 ** 2 + 2 ** 2)) / 8, 12);
  expect(penaltyOf('membrane:most=3')).toBe(0);
});

it('percentile: the mean square of how far highest rates are outside of their range', () => {
  // Rates are ½ and 0.
  expect(penaltyOf('percentile:strength=2,least=0.2,most=0.4')).toBeCloseTo((2 * (0.1 ** 2 + 0.2 ** 2)) / 2, 12);
  expect(penaltyOf('percentile:strength=2,least=0,most=0.5')).toBe(0);
});

it.each([
  [99, 1],
  [80, 0.9],
  [50, 0.6],
  [0, 0.1],
])('percentile: %d of ten samples is a rate of %d', (share, rate) => {
  const rates = [0.3, 1, 0.1, 0.8, 0.5, 0.2, 0.9, 0.7, 0.4, 0.6];
  const net = { signals: new Map([['a', Signal.ofParts([given('x', [10, 1])])]]), populations: new Map([['a', {}]]) };
  const regulariser = prepared('regulariser', regularisers, `percentile:strength=1,percentile=${share},least=0,most=0`);
  const program = programOf({ penalty: regulariser(net as unknown as LoweredGraph) });
  expect(interpret(program, new Map([['x', rates]])).get('penalty')![0]).toBeCloseTo(rate ** 2, 12);
});

it('weights: half the sum of their squares', () => {
  expect(penaltyOf('weights:strength=0.1')).toBeCloseTo((0.1 / 2) * (9 + 4), 12);
});
