import { parseModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { EventBuffer } from '../../event-buffer.ts';
import { clockedEngine } from './clocked.ts';

/** What drives the cell of a population whose kernel counts steps in rounds. */
const forms: readonly [string, Record<string, unknown>, readonly string[]][] = [
  ['under an adaptive threshold', { type: 'ALIF' }, ['in', 'cell', 'out']],
  ['behind a synapse', { type: 'LIF' }, ['in', 'synapse', 'cell', 'out']],
];

it.each(forms)('neurons %s keep their rhythm beyond the steps at which their count begins anew', (_name, kind, way) => {
  const synapse = way.includes('synapse') ? { synapse: { type: 'Lowpass', tau: 0.005 } } : {};
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      ...synapse,
      cell: { ...kind, tau: 0.01, v_leak: 2, v_threshold: 1, tau_ref: 0.002 },
      out: { type: 'Output' },
    },
    edges: way.slice(1).map((target, k) => [way[k], target]),
    semantics: { dt: 0.001, integrate: 'exact' },
  });
  const net = clockedEngine.load(model);
  const steps = 2 ** 20 + 200;
  const output = new EventBuffer(steps);
  net.run(steps, new EventBuffer(1), output);
  // Two steps of rest, then the first step at which 2·(1 − e^(−t/τ)) is above 1: t > τ·ln 2.
  const period = 2 + Math.ceil(10 * Math.log(2));
  const first = output.step[0]!;
  expect(output.length).toBe(Math.floor((steps - 1 - first) / period) + 1);
  for (let k = 0; k < output.length; k++) if (output.step[k] !== first + k * period) expect.fail(`spike ${k}`);
});
