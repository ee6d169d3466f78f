import { coreMisfits, rooms } from '@spikewire/devices/accelerators';
import { formatModel } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { arbitraryNet } from '../conformance/arbitrary-model.ts';
import { quantised } from '../conformance/quantised.ts';
import { arbitraryIntegerNet, arbitraryLearningNet } from './arbitrary-integer-net.ts';
import { type CoreTask, compareCore } from './compare-core.ts';
import { committedAndTakenBack, learningCycles, tracesDiffer } from './learned-words.ts';
import { needsCore } from './needs-core.ts';
import { mnistShaped, pooledBehind, randomSpikes, wideSparse } from './shaped-nets.ts';

/** Random nets without and with learning; devices/rtl/README.md has the command for more. */
const RUNS = Number(process.env.SPIKEWIRE_FPGA_RUNS ?? 300);
const LEARNING_RUNS = Number(process.env.SPIKEWIRE_FPGA_RUNS ?? 100);

function expectEqual(program: string, task: CoreTask): number[] {
  const { difference, cycles } = compareCore(program, task);
  if (difference !== undefined) throw new Error(`${difference}\n${formatModel(task.model).json}`);
  return cycles;
}

describe('the core, simulated', () => {
  it(`equals the integer engine in ${RUNS} random nets`, { timeout: RUNS * 10_000 }, (context) => {
    const program = needsCore(context);
    fc.assert(
      fc.property(arbitraryIntegerNet, (net) => void expectEqual(program, net)),
      { numRuns: RUNS },
    );
  });

  it(`learns as it in ${LEARNING_RUNS} random nets`, { timeout: LEARNING_RUNS * 10_000 }, (context) => {
    const program = needsCore(context);
    fc.assert(
      fc.property(arbitraryLearningNet, (net) => void expectEqual(program, net)),
      { numRuns: LEARNING_RUNS },
    );
  });

  it('lets traces fade and grow as the text says, from the ends of their range on', (context) => {
    expect(tracesDiffer(needsCore(context))).toBeUndefined();
  });

  it('keeps what it has learned, and takes it back', (context) => {
    const steps = committedAndTakenBack(needsCore(context)).map(({ learned }) => learned.get('fc')!);
    const [first, second, , fourth, last] = steps;
    expect(second!.weights).not.toEqual(first!.weights);
    expect(fourth!.weights).not.toEqual(second!.weights);
    expect(last!.weights).toEqual(second!.weights);
    expect(last!.generator).toEqual(second!.generator);
    // The step behind has let the traces of then fade once.
    const factor = Math.round(Math.exp(-0.001 / 0.02) * 2 ** 15);
    expect(last!.pre).toEqual(second!.pre.map((x) => Math.floor((x * factor) / 2 ** 15)));
  });

  it('takes the cycles of learning that its text says', (context) => {
    const traces = [0, 32, 64];
    const { errors, commit } = learningCycles(needsCore(context), traces);
    console.log(`cycles of learning: errors with ${traces} traces ${errors}, commit ${commit}`);
    // A fetch is 10 cycles, and each program has one instruction and its end.
    const perSynapse = (some: number) => 10 * (some * 45 + (64 - some) * 4);
    expect(errors).toEqual(traces.map((some) => 20 + 20 + 10 + perSynapse(some)));
    expect(commit).toBe(20 + 2 + 4 * 776);
  });

  it('equals it in nets that the quantiser made, with convolutions, poolings and other shapes', (context) => {
    const program = needsCore(context);
    const load = quantised(engineNamed('integer'));
    fc.assert(
      fc.property(arbitraryNet, ({ model, steps, stimulus }) => {
        const integers = load(model).model;
        fc.pre(coreMisfits(integers, { room: rooms.simulated }).ofNodes.size === 0);
        expectEqual(program, { model: integers, steps, stimulus });
      }),
      { numRuns: 30, maxSkipsPerRun: 200 },
    );
  });

  it('equals it in a net of the shape 784-64-10, and costs what its spikes cost', (context) => {
    const program = needsCore(context);
    const [quiet, active] = [8, 94].map((spikes) => {
      const cycles = expectEqual(program, {
        ...{ model: mnistShaped(1), steps: 20 },
        stimulus: { pixels: randomSpikes(1, 20, 784, spikes) },
      });
      return cycles.reduce((sum, each) => sum + each, 0) / cycles.length;
    });
    expect(active! / quiet!).toBeGreaterThan(2);
  });

  it.for([
    ['neurons that lie far apart', wideSparse()],
    ['a neuron by several synapses of one input', pooledBehind()],
  ] as const)('reaches %s', ([_, { model, stimulus }], context) => {
    expectEqual(needsCore(context), { model, steps: 3, stimulus });
  });
});
