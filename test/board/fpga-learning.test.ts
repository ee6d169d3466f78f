import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { EventBuffer, engineNamed, type RunningNetwork } from 'spikewire';
import type { Executor, ExecutorSource, Teaching } from 'spikewire/executor';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { roomFor, windowOf } from '../conformance/play.ts';
import { arbitraryLearningNet, type IntegerNet } from '../fpga/arbitrary-integer-net.ts';
import { arraysOf } from '../fpga/state-arrays.ts';
import { has, needs } from '../services.ts';
import { boardProgram, TOOLS } from './simulated-fpga.ts';

const integer = engineNamed('integer');
const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'fpga')!;
const RUNS = Number(process.env.SPIKEWIRE_FPGA_NETS ?? 10);
const hasTools = TOOLS.every(has);

if (!hasTools)
  it('learns on a simulated board', (context) => {
    for (const service of TOOLS) needs(context, service);
  });

describe.runIf(hasTools)('a net that learns on an FPGA board', () => {
  let source: ExecutorSource;
  beforeAll(async () => {
    vi.stubEnv('SPIKEWIRE_FPGA_SIMULATOR', boardProgram({ line: 'bytes' }));
    source = await driver.open('sim');
  }, 600_000);
  afterAll(async () => {
    await source?.close();
    vi.unstubAllEnvs();
  });

  /** One window with lessons on a board, and the same on the engine; both then say the same. */
  async function expectSameWindow(
    executor: Executor,
    network: RunningNetwork,
    { steps, stimulus }: IntegerNet,
    given: { readonly teach?: readonly Teaching[]; readonly hold?: boolean; readonly fresh?: boolean },
  ) {
    const { teach = [], hold = false, fresh = false } = given;
    const input = windowOf(network, stimulus, 0, steps).toList();
    const { output, counters, taught, step } = await executor.run({ steps, input, ...given });
    const expected = roomFor(network, steps);
    const { learning } = network;
    if (hold) network.learning = false;
    const outcomes = teach.map((lesson) => network.teach(lesson.connection, lesson.signal, lesson.step));
    if (fresh) network.resetActivity();
    network.run(steps, EventBuffer.of(input), expected);
    network.learning = learning;
    expect({ output, counters, taught, step }).toEqual({
      output: expected.toList(),
      counters: { ...network.counters },
      taught: outcomes,
      step: network.step,
    });
  }

  it(`equals the engine in ${RUNS} random nets: late errors, windows that hold, new starts, hand-overs`, {
    timeout: 600_000,
  }, async () => {
    let [changed, applied] = [0, 0];
    const property = fc.asyncProperty(arbitraryLearningNet, fc.infiniteStream(fc.nat(9)), async (net, dice) => {
      const { model, lessons } = net;
      const there = integer.load(model);
      const base = [...there.saveLearned().values()].flatMap(({ weights }) => [...weights]);
      const executor = await source.open(writeModel(model));
      const chance = () => dice.next().value as number;
      try {
        for (let window = 0; window < 5; window++) {
          const teach = lessons.slice(0, 2).map(({ connection, signal }): Teaching => {
            const back = chance() % 4;
            const step = there.step - 1 - back * net.steps;
            return { connection, signal: Float64Array.from(signal), ...(back > 0 && { step }) };
          });
          await expectSameWindow(executor, there, net, { teach, hold: chance() === 0, fresh: chance() === 1 });
          const state = await executor.save();
          expect(keptIn(state)).toEqual(keptIn(there.save()));
          if (chance() === 2) {
            there.resetLearning();
            await executor.resetLearning();
          }
          if (chance() < 3) {
            // The processor goes on alone, and the board from there.
            there.run(net.steps, windowOf(there, net.stimulus, 0, net.steps), roomFor(there, net.steps));
            expect(await executor.restore(there.save())).toBeUndefined();
          }
          if (chance() < 3) {
            // Both go back to what the board has kept.
            const kept = await executor.save();
            await expectSameWindow(executor, there, net, {});
            there.restore(kept);
            expect(await executor.restore(kept)).toBeUndefined();
          }
        }
        applied += there.counters.taught;
      } finally {
        await executor.close();
      }
      const learned = [...there.saveLearned().values()].flatMap(({ weights }) => [...weights]);
      changed += learned.filter((weight, k) => weight !== base[k]).length;
    });
    await fc.assert(property, { numRuns: RUNS });
    expect(changed).toBeGreaterThan(RUNS);
    expect(applied).toBeGreaterThan(0);
  });
});

/** All of a state but what nodes emitted, which the board has where it is read again. */
function keptIn(state: Uint8Array) {
  return Object.entries(arraysOf(state)).filter(([name]) => !name.endsWith('.emitted'));
}
