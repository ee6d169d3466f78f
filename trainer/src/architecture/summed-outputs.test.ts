import { EventBuffer, engineNamed } from '@spikewire/engine';
import { parseModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { withSummedOutputs } from './summed-outputs.ts';

const model = parseModel({
  nodes: {
    in: { type: 'Input', shape: [2] },
    'out.sum': { type: 'Scale', scale: [3, 5] },
    out: { type: 'Output' },
    plain: { type: 'Output' },
  },
  edges: [
    ['in', 'out.sum'],
    ['out.sum', 'out'],
    ['in', 'out'],
    ['in', 'plain'],
  ],
});

it('gives each Output the sum of what arrives, or its mean', () => {
  const graph = withSummedOutputs(model.graph, model.semantics, (output) => (output === 'plain' ? 4 : 1));
  const network = engineNamed('reference').load({ ...model, graph });
  const input = new EventBuffer(8);
  for (let step = 0; step < 4; step++) {
    input.push(step, 0, 0, 1);
    input.push(step, 0, 1, 0.5);
  }
  network.run(4, input, new EventBuffer(100));
  const sums = ['out.sum+', 'plain.sum'].flatMap((name) => [...network.readState(name, 'v')]);
  for (const [k, expected] of [4 * (3 + 1), 4 * 0.5 * (5 + 1), 1, 0.5].entries()) {
    expect(sums[k]).toBeCloseTo(expected, 9);
  }
});
