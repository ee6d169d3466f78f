import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../../event-buffer.ts';
import { referenceEngine } from '../../reference/reference.ts';
import { clockedEngine } from '../engine/clocked.ts';

const SIZE = 37;

/** Equal neurons behind two synapses; a drive that is more than the threshold at times. */
function synapticNet({ biased = false, threshold = 'gt' } = {}): Model {
  const random = new RandomGenerator(3, 'weights');
  const weights = (mean: number) =>
    Array.from({ length: SIZE }, () => Array.from({ length: 8 }, () => mean + 40 * random.nextNormal()));
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [8] },
      up: { type: 'Linear', weight: weights(60) },
      down: biased ? { type: 'Affine', weight: weights(-20), bias: 0.1 } : { type: 'Linear', weight: weights(-20) },
      fast: { type: 'Lowpass', tau: 0.004, v_initial: 0.3 },
      slow: { type: 'LI', tau: 0.012, r: 0.7 },
      cells: {
        ...{ type: 'LIF', tau: 0.02, r: 1.3, v_leak: 0.2, v_threshold: 1, v_reset: -0.1, tau_ref: 0.0003 },
        v_initial: Array.from({ length: SIZE }, (_, i) => i / SIZE),
      },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'up'],
      ['in', 'down', { delay: 2 }],
      ['up', 'fast'],
      ['down', 'slow'],
      ['fast', 'cells'],
      ['slow', 'cells'],
      ['cells', 'out'],
    ],
    semantics: { dt: 0.0001, integrate: 'exact', threshold },
  });
}

function stimulus(model: Model, steps: number): EventBuffer {
  const random = new RandomGenerator(8, 'stimulus');
  const net = clockedEngine.load(model);
  const index = net.graph.nodes.findIndex(({ name }) => name === 'in');
  const input = new EventBuffer(steps * 8);
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < 8; i++) if (random.nextUniform() < 0.05) input.push(step, index, i, 1);
  }
  return input;
}

describe('equal neurons behind synapses', () => {
  it.each([{}, { threshold: 'ge' }, { biased: true }])('spike and move as their equations say: %j', (options) => {
    const model = synapticNet(options);
    const nets = [
      clockedEngine.load(model),
      clockedEngine.load(model, { kernels: 'typescript' }),
      referenceEngine.load(model),
    ];
    const input = stimulus(model, 500);
    const spikes = nets.map((net) => {
      const output = new EventBuffer(20_000);
      net.run(500, input, output);
      return output.toList();
    });
    expect(spikes[2]!.step.length).toBeGreaterThan(100);
    for (const k of [0, 1]) {
      expect(spikes[k]!.step).toEqual(spikes[2]!.step);
      expect(spikes[k]!.index).toEqual(spikes[2]!.index);
      for (const [node, variable] of [
        ['cells', 'v'],
        ['cells', 'refractory'],
        ['fast', 'v'],
        ['slow', 'v'],
      ] as const) {
        const truth = nets[2]!.readState(node, variable);
        nets[k]!.readState(node, variable).forEach((value, i) => {
          expect(Math.abs(value - truth[i]!), `${node}.${variable}[${i}]`).toBeLessThan(1e-4);
        });
      }
    }
    expect(nets[0]!.counters).toEqual(nets[2]!.counters);
  });

  it('are stepped in one pass, without lists of what their synapses hold, unless something adds to these all the time', () => {
    const [one, several] = [synapticNet(), synapticNet({ biased: true })].map((model) => clockedEngine.load(model));
    const names = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
    expect(names(one!.save())).toContain('.clock');
    expect(names(several!.save())).not.toContain('.clock');
  });

  it('become still, and never subnormal, when nothing comes any more', () => {
    const model = synapticNet();
    const quiet: Model = {
      ...model,
      graph: {
        ...model.graph,
        nodes: new Map(
          [...model.graph.nodes].map(([name, node]) => {
            if (name !== 'cells') return [name, node];
            const { v_leak: _, v_initial: __, ...parameters } = node.parameters;
            return [name, { ...node, parameters }];
          }),
        ),
      },
    };
    const net = clockedEngine.load(quiet);
    net.run(500, stimulus(model, 500), new EventBuffer(20_000));
    net.run(60_000, new EventBuffer(1), new EventBuffer(1));
    for (const [node, size] of [
      ['cells', SIZE],
      ['fast', SIZE],
      ['slow', SIZE],
    ] as const) {
      expect(Array.from(net.readState(node, 'v'), Math.abs)).toEqual(new Array(size).fill(0));
    }
  });
});
