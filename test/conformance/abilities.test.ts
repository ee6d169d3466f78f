import { elementCount, type Model, nextReadingModel, parseModel, quantize, resolveGraph } from '@spikewire/models';
import fc from 'fast-check';
import { integerEngine } from 'spikewire';
import { type Abilities, describeAbilities, inProcess, type Placement, placementOn } from 'spikewire/executor';
import { describe, expect, it } from 'vitest';
import { arbitraryGraph } from './arbitrary-graph.ts';
import { cells } from './cells.ts';

const dense = (rows: number, columns: number) => Array.from({ length: rows }, () => new Array<number>(columns).fill(1));

/** Inputs → 3 leaky neurons → 2 leaky read-outs, with a way from the neurons to themselves. */
const net = (lif: object, delay = 2): Model =>
  parseModel({
    nodes: {
      in: { type: 'Input', shape: [5] },
      fc: { type: 'Linear', weight: dense(3, 5) },
      cells: { type: 'LIF', tau: 0.02, v_threshold: 1, ...lif },
      back: { type: 'Linear', weight: dense(3, 3) },
      decode: { type: 'Linear', weight: dense(2, 3) },
      answer: { type: 'LI', tau: 0.01 },
      out: { type: 'Output', shape: [2] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'cells'],
      ['cells', 'back', { delay }],
      ['back', 'cells', { delay: 3 }],
      ['cells', 'decode'],
      ['decode', 'answer'],
      ['answer', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'subtract' },
  });

/** How a model lies on something that runs all models but for these limits. */
function placed(model: Model, limits: Partial<Abilities>): Promise<Placement> {
  const anything = inProcess(integerEngine);
  const abilities: Abilities = { weightBits: [32, 8, 4], runs: 'windows', ...limits };
  const open = async () => ({ close: async () => {} }) as Awaited<ReturnType<typeof anything.open>>;
  return placementOn({ ...anything, name: 'limited', abilities, open }, model);
}

async function problemsOf(model: Model, limits: Partial<Abilities>) {
  const { problems, nodes, fits } = await placed(model, limits);
  const ofNodes = nodes.flatMap(({ name, problem }) => (problem === undefined ? [] : [[name, problem]]));
  expect(fits).toBe(problems.length + ofNodes.length === 0);
  return { problems, ofNodes: Object.fromEntries(ofNodes) };
}

describe('abilities', () => {
  const nothing = { problems: [], ofNodes: {} };

  it.each<[string, Partial<Abilities>, Partial<Abilities>, object]>([
    ['populations', { populations: 2 }, { populations: 1 }, { problems: ['2 populations; it has room for 1'] }],
    ['a fan-in', { fanIn: 8 }, { fanIn: 7 }, { ofNodes: { cells: 'has a fan-in of 8; it takes 7' } }],
    ['a fan-out', { fanOut: 5 }, { fanOut: 4 }, { ofNodes: { cells: 'has a fan-out of 5; it takes 4' } }],
    [
      'a delay',
      { longestDelay: 5 },
      { longestDelay: 4 },
      { ofNodes: { cells: 'has a delay of 5 steps before it; it takes 4' } },
    ],
    [
      'a reset',
      { semantics: { reset: ['value', 'subtract'] } },
      { semantics: { reset: ['value'] } },
      { ofNodes: { cells: 'has semantics.reset "subtract"; it has value' } },
    ],
    [
      'a largest parameter',
      { parameters: { LIF: { tau: { maximum: 0.03 } } } },
      { parameters: { LIF: { tau: { maximum: 0.025 } }, LI: { tau: { maximum: 1 } } } },
      { ofNodes: { cells: 'has tau 0.03; it takes 0.025 or less' } },
    ],
    [
      'a smallest parameter',
      { parameters: { LIF: { v_reset: { minimum: 0 } } } },
      { parameters: { LIF: { v_reset: { minimum: 0.5 } } } },
      { ofNodes: { cells: 'has v_reset 0; it takes 0.5 or more' } },
    ],
    [
      'a bound that a parameter exceeds',
      { parameters: { LIF: { v_reset: { above: -0.5 } } } },
      { parameters: { LIF: { v_reset: { above: 0 } } } },
      { ofNodes: { cells: 'has v_reset 0; it takes more than 0' } },
    ],
    [
      'a parameter that neurons share',
      { parameters: { LIF: { v_threshold: { shared: true } } } },
      { parameters: { LIF: { tau: { shared: true } } } },
      { ofNodes: { cells: 'has tau 0.02 and 0.03; it takes one number for all neurons' } },
    ],
    [
      'a parameter that it lacks',
      { parameters: { LIF: { spike_shape: { absent: true } } } },
      { parameters: { LIF: { v_min: { absent: true } } } },
      { ofNodes: { cells: 'has v_min; it has none' } },
    ],
    [
      'answers that come too late',
      { late: 31 },
      { late: 32 },
      { problems: ['samples of 32 steps; it answers 32 steps late'] },
    ],
    [
      'several problems of one node',
      {},
      { kinds: ['Linear', 'LI'], fanIn: 7 },
      { ofNodes: { cells: 'is a LIF; it runs Linear, LI; has a fan-in of 8; it takes 7' } },
    ],
  ])('refuse %s by node, number and limit', async (_, enough, tooLittle, problem) => {
    const plain = net({ tau: [0.02, 0.02, 0.03], v_min: -1 });
    const model = { ...plain, sample: { ...plain.sample, steps: 32 } };
    expect(await problemsOf(model, enough)).toEqual(nothing);
    expect(await problemsOf(model, tooLittle)).toEqual({ ...nothing, ...problem });
  });

  it('say how wide membranes may be', async () => {
    const model = quantize(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 20 }), { bits: 8 });
    const widths = [...model.quantization!.neurons].map(([name, { membraneBits }]) => [name, membraneBits] as const);
    for (const bits of [16, 32] as const) {
      const misfits = widths.filter(([, width]) => width !== bits);
      const lines = misfits.map(([name, width]) => [name, `has membranes of ${width} bits; it takes ${bits}`]);
      expect(await problemsOf(model, { membraneBits: [bits] })).toEqual({
        ...nothing,
        ofNodes: Object.fromEntries(lines),
      });
    }
  });

  it('count synapses and delays as a walk over all ways does', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryGraph([cells.LIF!, cells.IF!]), async ({ model }) => {
        const { fanIn, fanOut, longestDelay } = walk(model);
        expect((await placed(model, { fanIn, fanOut, longestDelay })).fits).toBe(true);
        if (fanIn > 0) expect((await placed(model, { fanIn: fanIn - 1 })).fits).toBe(false);
        if (fanOut > 0) expect((await placed(model, { fanOut: fanOut - 1 })).fits).toBe(false);
        if (longestDelay > 0) expect((await placed(model, { longestDelay: longestDelay - 1 })).fits).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('are told in one line', () => {
    const abilities: Abilities = {
      neurons: 64,
      fanIn: 32,
      weightBits: [8, 4],
      rules: [],
      states: 'learned',
      late: 2,
      tolerance: { membrane: 0.01, spikes: 0.005 },
      runs: 'windows',
    };
    expect(describeAbilities(abilities)).toBe(
      '64 neurons, any synapses; fan-in: 32; bits of weights: 8 or 4; rules: none; states hold: what was learned; ' +
        'steps late: 2; errors of membranes and spikes: 1 %, 0.5 %',
    );
    expect(describeAbilities({ weightBits: [32], runs: 'windows' })).toBe(
      'any neurons, any synapses; bits of weights: 32',
    );
  });
});

/** Every way from an element of an Input or a neuron to the next one, one by one. */
function walk(model: Model) {
  const { nodes, edges } = resolveGraph(model.graph, model.semantics);
  const into = new Map<string, number>();
  let [fanOut, longestDelay, left] = [0, 0, 0];
  const follow = (node: number, element: number, late: number): void => {
    for (const { source, target, delay } of edges) {
      if (source !== node) continue;
      const { kind, node: own, inputShape } = nodes[target]!;
      if (kind.role !== 'connection') {
        longestDelay = Math.max(longestDelay, late + delay);
        if (kind.role !== 'neuron') continue;
        left++;
        const place = `${target} ${element}`;
        into.set(place, (into.get(place) ?? 0) + 1);
        continue;
      }
      const within = kind.longestDelay?.(own) ?? 0;
      kind.connect(own, inputShape).forEachSynapse(element, (output) => follow(target, output, late + delay + within));
    }
  };
  nodes.forEach(({ kind, shape }, index) => {
    if (kind.role === 'connection') return;
    for (let element = 0; element < elementCount(shape); element++) {
      left = 0;
      follow(index, element, 0);
      fanOut = Math.max(fanOut, left);
    }
  });
  return { fanIn: Math.max(0, ...into.values()), fanOut, longestDelay };
}
