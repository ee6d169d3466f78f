import { Session } from 'node:inspector/promises';
import { parseModel, quantize, resolveGraph, writeModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { engineNamed, engines } from '../engines/engines.ts';
import { openInProcess } from './open-in-process.ts';

/** How often V8 calls a function of `models` while some work is done. */
async function callsOf(counted: (...words: never[]) => unknown, work: () => Promise<void>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Debugger.enable');
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await work();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const text = counted.toString();
    let calls = 0;
    for (const { scriptId, url, functions } of result) {
      if (!url.includes('/models/')) continue;
      const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId });
      for (const { ranges } of functions) {
        const { startOffset, endOffset, count } = ranges[0]!;
        if (scriptSource.slice(startOffset, endOffset) === text) calls += count;
      }
    }
    return calls;
  } finally {
    session.disconnect();
  }
}

const model = parseModel({
  nodes: {
    in: { type: 'Input', shape: [2] },
    fc: {
      type: 'Linear',
      weight: [
        [0.6, 0],
        [0, 0.3],
      ],
    },
    cell: { type: 'IF', r: 1000, v_threshold: 1 },
    out: { type: 'Output' },
  },
  edges: chain('in', 'fc', 'cell', 'out'),
  semantics: { dt: 0.001 },
  sample: { steps: 6, between: 'reset' },
});
const integer = quantize(model, { bits: 8 });

describe('opening a net from bytes', () => {
  it('counts calls', async () => {
    const twice = async () => {
      for (const each of [model, integer]) resolveGraph(each.graph, each.semantics);
    };
    expect(await callsOf(resolveGraph, twice)).toBe(2);
  });

  it.each(engines.filter(({ name }) => name !== 'integer'))('resolves a float graph once: $name', async (engine) => {
    const bytes = writeModel(model);
    expect(await callsOf(resolveGraph, async () => void (await openInProcess(engine, bytes)))).toBe(1);
  });

  // With real weights in place of its integers, the graph is another one.
  it.each(engines)('resolves an integer graph once, and one with real weights: $name', async (engine) => {
    const bytes = writeModel(integer);
    const expected = engine.realNumbers === true ? 2 : 1;
    expect(await callsOf(resolveGraph, async () => void (await openInProcess(engine, bytes)))).toBe(expected);
  });

  it.each(engines)('loads what it would without a resolved graph: $name', async (engine) => {
    const { network } = await openInProcess(engine, writeModel(integer));
    const alone = engineNamed(engine.name).load(integer);
    expect(network.graph).toEqual(alone.graph);
    expect({ bytes: network.bytes, state: network.save() }).toEqual({ bytes: alone.bytes, state: alone.save() });
  });
});
