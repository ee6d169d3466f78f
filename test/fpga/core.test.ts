import { coreMisfits, rooms } from '@spikewire/devices/accelerators';
import { formatModel, type Model } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { arbitraryNet } from '../conformance/arbitrary-model.ts';
import type { Stimulus } from '../conformance/play.ts';
import { quantised } from '../conformance/quantised.ts';
import { arbitraryIntegerNet } from './arbitrary-integer-net.ts';
import { compareCore } from './compare-core.ts';
import { needsCore } from './needs-core.ts';
import { mnistShaped, pooledBehind, randomSpikes, wideSparse } from './shaped-nets.ts';

/** Random nets; devices/rtl/README.md has the command for more. */
const RUNS = Number(process.env.SPIKEWIRE_FPGA_RUNS ?? 300);

type Run = [steps: number, stimulus: Stimulus, signed?: ReadonlySet<string>];

function expectEqual(program: string, model: Model, ...run: Run): number[] {
  const { difference, cycles } = compareCore(program, model, ...run);
  if (difference !== undefined) throw new Error(`${difference}\n${formatModel(model).json}`);
  return cycles;
}

describe('the core, simulated', () => {
  it(`equals the integer engine in ${RUNS} random nets`, { timeout: RUNS * 1000 }, (context) => {
    const program = needsCore(context);
    fc.assert(
      fc.property(arbitraryIntegerNet, ({ model, steps, stimulus, signed }) => {
        expectEqual(program, model, steps, stimulus, signed);
      }),
      { numRuns: RUNS },
    );
  });

  it('equals it in nets that the quantiser made, with convolutions, poolings and other shapes', (context) => {
    const program = needsCore(context);
    const load = quantised(engineNamed('integer'));
    fc.assert(
      fc.property(arbitraryNet, ({ model, steps, stimulus }) => {
        const integers = load(model).model;
        fc.pre(coreMisfits(integers, { room: rooms.up5k }).ofNodes.size === 0);
        expectEqual(program, integers, steps, stimulus);
      }),
      { numRuns: 30, maxSkipsPerRun: 200 },
    );
  });

  it('equals it in a net of the shape 784-64-10, and costs what its spikes cost', (context) => {
    const program = needsCore(context);
    const [quiet, active] = [8, 94].map((spikes) => {
      const cycles = expectEqual(program, mnistShaped(1), 20, { pixels: randomSpikes(1, 20, 784, spikes) });
      return cycles.reduce((sum, each) => sum + each, 0) / cycles.length;
    });
    expect(active! / quiet!).toBeGreaterThan(2);
  });

  it.for([
    ['neurons that lie far apart', wideSparse()],
    ['a neuron by several synapses of one input', pooledBehind()],
  ] as const)('reaches %s', ([_, { model, stimulus }], context) => {
    expectEqual(needsCore(context), model, 3, stimulus);
  });
});
