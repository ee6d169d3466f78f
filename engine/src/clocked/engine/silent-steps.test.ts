import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RunningNetwork } from '../../engine.ts';
import { EventBuffer } from '../../event-buffer.ts';
import { clockedEngine } from './clocked.ts';

// Without a raster kernels run silent steps by themselves, one after the other; with one every step comes out of them.

const pairs = { rule: 'stdp', aPlus: 0.05, aMinus: 0.03, bounds: [-1, 2] };
const rules = [
  undefined,
  pairs,
  { ...pairs, normalize: { sum: 3, every: 7 } },
  { ...pairs, homeostasis: { rate: 20, strength: 5, tau: 0.05, every: 11 } },
  { ...pairs, winners: { most: 2, every: 13 } },
  { rule: 'spike-order', aPlus: 0.3, aMinus: 0.2, wMax: 3, winners: { most: 3, every: 60 } },
  { rule: 'rstdp', aPlus: 0.2, aMinus: 0.1, tauEligibility: 0.05, normalize: { sum: 2, every: 9 } },
  { rule: 'pes', learningRate: 0.01, tauPre: 0.01 },
  { rule: 'ottt', learningRate: 0.02 },
];

const windows = fc.array(
  fc.record({
    steps: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 100, max: 300 })),
    /** Steps from one with events to the next. */
    gap: fc.constantFrom(1, 7, 50),
    density: fc.constantFrom(0.02, 0.5),
    /** Whether kernels cannot take the events in by themselves. */
    graded: fc.constantFrom(false, false, true),
    afterwards: fc.constantFrom('go on', 'go on', 'teach', 'start anew', 'restore'),
  }),
  { minLength: 1, maxLength: 6 },
);

const net = fc.record({
  seed: fc.nat(),
  rule: fc.constantFrom(...rules),
  kind: fc.constantFrom('LIF', 'ALIF', 'CubaLIF'),
  /** Of the edges before the connection, back, and to both Outputs. */
  delays: fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3 }), fc.nat(3), fc.nat(30)),
  kernels: fc.constantFrom<'wasm' | 'typescript'>('wasm', 'typescript'),
});

const [INPUTS, CELLS] = [6, 9];

/** Cells that spike and inhibit each other, and an Output that sees the Input late. */
function modelOf(
  { rule, kind, delays }: { rule: object | undefined; kind: string; delays: readonly number[] },
  random: RandomGenerator,
): Model {
  const weight = (rows: number, columns: number, mean: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => mean + random.nextNormal()));
  const time = kind === 'CubaLIF' ? { tau_syn: 0.004, tau_mem: 0.01 } : { tau: 0.01 };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      forth: { type: 'Linear', weight: weight(CELLS, INPUTS, 1) },
      cells: { type: kind, ...time, r: 8, v_threshold: 0.8, tau_ref: 0.002 },
      back: { type: 'Linear', weight: weight(CELLS, CELLS, -1) },
      out: { type: 'Output' },
      echo: { type: 'Output' },
    },
    edges: [
      ['in', 'forth', { delay: delays[0] }],
      ['forth', 'cells'],
      ['cells', 'back', { delay: delays[1] }],
      ['back', 'cells'],
      ['cells', 'out', { delay: delays[2] }],
      ['in', 'echo', { delay: delays[3] }],
    ],
    ...(rule && { learning: { forth: rule } }),
    semantics: { dt: 0.001 },
  });
}

it('are made one by one and all at once with the same bits', () => {
  fc.assert(
    fc.property(net, windows, (drawn, all) => {
      // A rule that looks at a threshold needs one that stays.
      fc.pre(drawn.rule?.rule !== 'ottt' || drawn.kind !== 'ALIF');
      const random = new RandomGenerator(drawn.seed, 'silent steps');
      const model = modelOf(drawn, random);
      const load = () => clockedEngine.load(model, { kernels: drawn.kernels });
      const [inSteps, atOnce] = [load(), load()];
      const index = inSteps.graph.nodes.findIndex(({ name }) => name === 'in');
      const both = (does: (network: RunningNetwork) => unknown) => expect(does(atOnce)).toEqual(does(inSteps));
      for (const { steps, gap, density, graded, afterwards } of all) {
        const input = new EventBuffer(steps * INPUTS);
        for (let step = 0; step < steps; step += gap) {
          for (let i = 0; i < INPUTS; i++) {
            if (random.nextUniform() < density) input.push(step, index, i, graded ? random.nextNormal() : 1);
          }
        }
        const outputs = [new EventBuffer(400 * (INPUTS + CELLS)), new EventBuffer(400 * (INPUTS + CELLS))] as const;
        inSteps.run(steps, input, outputs[0], new EventBuffer(0));
        atOnce.run(steps, input, outputs[1]);
        expect(outputs[1].toList()).toEqual(outputs[0].toList());
        both(({ step, counters }) => ({ step, counters: { ...counters } }));
        expect(Buffer.compare(atOnce.save(), inSteps.save())).toBe(0);
        const signal = Array.from({ length: drawn.rule?.rule === 'rstdp' ? 1 : CELLS }, () => random.nextNormal());
        const isTaught = ['rstdp', 'pes', 'ottt'].includes(drawn.rule?.rule ?? '');
        if (afterwards === 'teach' && isTaught) both((network) => network.teach('forth', signal));
        if (afterwards === 'start anew') both((network) => network.resetActivity());
        if (afterwards === 'restore') atOnce.restore(inSteps.save());
      }
    }),
    { numRuns: 100 },
  );
});
