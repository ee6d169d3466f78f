import { parseModel } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineNamed } from '../engines/engines.ts';
import { InProcessExecutor, type InProcessOptions } from './in-process.ts';

const nodes = {
  in: { type: 'Input', shape: [2] },
  fc: { type: 'Linear', weight: [[1.5, 0.5], [0.25, 2], [0.75, 0.75]] }, // biome-ignore format: a matrix
  cells: { type: 'LIF', tau: 0.005, v_threshold: 0.3 },
  back: { type: 'Linear', weight: [[0, -1, 0], [0, 0, -1], [-1, 0, 0]] }, // biome-ignore format: a matrix
  out: { type: 'Output' },
};
const edges = [
  ['in', 'fc'],
  ['fc', 'cells'],
  ['cells', 'back', { delay: 3 }],
  ['back', 'cells'],
  ['cells', 'out'],
];
const model = parseModel({ nodes, edges, semantics: { dt: 0.001 } });
const deaf = parseModel({ nodes: { in: nodes.in, cells: nodes.cells }, edges: [['in', 'cells']] });

const STEPS = 40;
const events = fc
  .array(fc.tuple(fc.nat(STEPS - 1), fc.nat(1), fc.integer({ min: -4, max: 16 })), { maxLength: 60 })
  .map((rows) => {
    const sorted = [...rows].sort(([a], [b]) => a - b);
    return {
      step: Int32Array.from(sorted, ([step]) => step),
      node: new Int32Array(sorted.length),
      index: Int32Array.from(sorted, ([, index]) => index),
      value: Float64Array.from(sorted, ([, , value]) => value),
    };
  });
const none = { step: new Int32Array(0), node: new Int32Array(0), index: new Int32Array(0), value: new Float64Array(0) };

describe.each(['reference', 'clocked', 'event'])('a net in the calling thread on %s', (name) => {
  const open = (options: InProcessOptions) => new InProcessExecutor(engineNamed(name), model, options);

  it('gives in turns of any length what it gives in one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(events, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 2000 }),
        async (windows, workPerTurn) => {
          const [whole, turns] = [open({}), open({ workPerTurn })];
          for (const input of windows) {
            const request = { steps: STEPS, input, membranes: ['cells'], raster: true };
            expect(await turns.run(request)).toEqual(whole.runNow(request));
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('lets a window that is nearly done come to its end', async () => {
    const controller = new AbortController();
    controller.abort();
    const { step } = await open({ signal: controller.signal, workPerTurn: 1 }).run({ steps: 5, input: none });
    expect(step).toBe(5);
  });
});

// Silent steps take the event engine no time.
describe.each(['reference', 'clocked'])('a window without end on %s', (name) => {
  const open = (signal?: AbortSignal) =>
    new InProcessExecutor(engineNamed(name), deaf, { signal, workPerTurn: 100_000 });
  const endless = { steps: 2 ** 31 - 1, input: none };

  it('is ended by a signal between turns', async () => {
    const controller = new AbortController();
    const stopped = open(controller.signal).run(endless);
    controller.abort();
    await expect(stopped).rejects.toThrow(/^window: was stopped after \d+ of 2147483647 steps; expected its end$/);
  });

  it('ends when its net is closed', async () => {
    const executor = open();
    const closed = executor.run(endless);
    await executor.close();
    await expect(closed).rejects.toThrow('net: is closed');
  });
});
