import { parseModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { analogueNet } from './analogue-net.ts';
import { largestPossible } from './largest-possible.ts';

it('knows how far below 0 a maximum may be, which a weight below 0 turns round, and what units hand on at most', () => {
  const modelOf = (parameters: object) =>
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [1, 1, 2] },
        turned: { type: 'Conv2d', weight: [[[[-1]]]] },
        most: { type: 'MaxPool2d', kernel_size: [1, 2], stride: [1, 2] },
        flat: { type: 'Flatten', start_dim: 0 },
        back: { type: 'Linear', weight: [[-2]] },
        cells: { type: 'ReLU', ...parameters },
        answer: { type: 'Linear', weight: [[1], [-1]] },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'turned'],
        ['turned', 'most'],
        ['most', 'flat'],
        ['flat', 'back'],
        ['back', 'cells'],
        ['cells', 'answer'],
        ['answer', 'out'],
      ],
      encoder: { in: { type: 'direct', span: 'unit', range: [0, 1] } },
      decoder: { out: { type: 'count' } },
      sample: { steps: 1, between: 'reset' },
      labels: ['a', 'b'],
    });
  // Of two numbers on 0 … 1 the larger of −x is −1 at least.
  expect([...largestPossible(analogueNet(modelOf({})))]).toEqual([['cells', 2]]);
  expect([...largestPossible(analogueNet(modelOf({ ceiling: 1.5 })))]).toEqual([['cells', 1.5]]);
});
