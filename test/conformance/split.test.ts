import { readFileSync } from 'node:fs';
import { type Model, parseModel, quantize, RandomGenerator, readLearned, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { type Engine, EventBuffer, integerEngine, referenceEngine } from 'spikewire';
import { type Abilities, type ExecutorSource, inProcess, placementOn, splitOver } from 'spikewire/executor';
import { describe, expect, it } from 'vitest';
import { ForeignBoard } from './foreign-board.ts';

const INPUTS = 3;
const STEPS = 25;

const arbitraryPopulation = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  /** A board takes those that it can. */
  fits: fc.boolean(),
  type: fc.constantFrom('LIF', 'LIF', 'LI'),
  /** Earlier populations that lead here, beside the one before. */
  sources: fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
  /** On the edge that leaves the source, and on the one behind the connection. */
  delays: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 2 })),
  heard: fc.boolean(),
});

const arbitraryNet = fc.record({
  seed: fc.nat(),
  populations: fc.array(arbitraryPopulation, { minLength: 2, maxLength: 5 }),
  /** Ways back: from, to, delay of the edge that leaves, and of the one behind the connection. */
  back: fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }), fc.nat({ max: 4 }), fc.integer({ min: 1, max: 2 })), {
    minLength: 1,
    maxLength: 3,
  }),
  learns: fc.boolean(),
});

type Plan = typeof arbitraryNet extends fc.Arbitrary<infer Value> ? Value : never;

/** A random net of populations behind each other, with ways past them, and back where `isRecurrent`. */
function netOf({ seed, populations, back, learns }: Plan, isRecurrent: boolean): Model {
  const random = new RandomGenerator(seed, 'split');
  const nodes: Record<string, unknown> = { in: { type: 'Input', shape: [INPUTS] } };
  const edges: unknown[] = [];
  const sizeOf = (source: number) => (source < 0 ? INPUTS : populations[source]!.size);
  const nameOf = (source: number) => (source < 0 ? 'in' : `cells${source}`);
  const connect = (source: number, target: number, [leaving, arriving]: readonly [number, number], name: string) => {
    const weight = Array.from({ length: sizeOf(target) }, () =>
      Array.from({ length: sizeOf(source) }, () => random.nextNormal() + 0.5),
    );
    nodes[name] = { type: 'Linear', weight };
    edges.push([nameOf(source), name, { delay: leaving }], [name, nameOf(target), { delay: arriving }]);
  };
  populations.forEach(({ size, fits, type, sources, delays, heard }, k) => {
    const tau = fits ? 0.01 : 0.02;
    nodes[nameOf(k)] = type === 'LI' ? { type, tau, r: 3 } : { type, tau, r: 6, v_threshold: 1, tau_ref: 0.001 };
    // What learns has its delay in front of it.
    for (const source of new Set([k - 1, ...sources.filter((source) => source < k - 1)]))
      connect(source, k, learns ? [delays[0], 0] : delays, `fc${source}to${k}`);
    if (!heard && k < populations.length - 1) return;
    nodes[`out${k}`] = { type: 'Output', shape: [size] };
    edges.push([nameOf(k), `out${k}`]);
  });
  if (isRecurrent) {
    back.forEach(([from, to, ...delays], k) => {
      const ends = [from, to].map((end) => end % populations.length).sort((a, b) => b - a) as [number, number];
      if (populations[ends[0]]!.type === 'LIF') connect(...ends, delays, `back${k}`);
    });
  }
  const learned = {
    [`fc${populations.length - 2}to${populations.length - 1}`]: { rule: 'pes', learningRate: 0.01, tauPre: 0.005 },
  };
  return parseModel({ nodes, edges, learning: learns ? learned : {}, semantics: { dt: 0.001 } });
}

const abilities: Abilities = {
  weightBits: [32, 8, 4],
  parameters: { LIF: { tau: { maximum: 0.015 } }, LI: { tau: { maximum: 0.015 } } },
  runs: 'windows',
};
const boardOn = (engine: Engine): ExecutorSource => ({ ...inProcess(engine), name: 'board', abilities });

function windowOf(seed: number) {
  const random = new RandomGenerator(seed, 'window');
  const input = new EventBuffer(STEPS * INPUTS);
  for (let step = 0; step < STEPS; step++)
    for (let index = 0; index < INPUTS; index++) if (random.nextUniform() < 0.3) input.push(step, 0, index, 1);
  return input.toList();
}

/** What a split net answers beside the whole one, window by window, with a saved state between. */
async function compare(model: Model, engine: Engine) {
  const source = splitOver(boardOn(engine), inProcess(engine));
  const { nodes, fits, problems } = await placementOn(source, model);
  const isRefused = nodes.every(({ on }) => on !== 'board');
  expect(fits).toBe(!isRefused);
  if (isRefused) {
    expect(problems).toEqual([expect.stringMatching(/^no population that fits on board: ./)]);
    await expect(source.open(writeModel(model))).rejects.toThrow(/^model: has no population that fits on board: /);
    return { isSplit: false, isCycleCut: false, spikes: 0 };
  }
  const whole = await inProcess(engine).open(writeModel(model));
  let split = await source.open(writeModel(model));
  const membranes = nodes.filter(({ type }) => type === 'LIF' || type === 'LI').map(({ name }) => name);
  const [connection] = model.learning.keys();
  const length = connection === undefined ? 0 : whole.network.readWeights(connection).length;
  const outputs = length === 0 ? 0 : whole.network.graph.nodes.find(({ name }) => name === connection)!.shape[0]!;
  for (let window = 0; window < 4; window++) {
    const signal = Float64Array.from({ length: outputs }, (_, k) => Math.sin(window + k));
    const teach = connection === undefined || window === 0 ? [] : [{ connection, signal }];
    const request = { steps: STEPS, input: windowOf(window), membranes, raster: true, fresh: window === 2, teach };
    const [seen, expected] = [await split.run(request), whole.runNow(request)];
    for (const key of ['output', 'raster', 'membranes', 'step', 'taught'] as const)
      expect(seen[key], key).toEqual(expected[key]);
    expect(seen.counters.spikes).toBe(expected.counters.spikes);
    const state = await split.save();
    expect(readLearned(state)).toEqual(whole.network.saveLearned());
    if (window === 0) {
      split = await source.open(writeModel(model));
      expect(await split.restore(state)).toBeUndefined();
    }
  }
  const sideOf = new Map(nodes.map(({ name, on }) => [name, on]));
  const isCycleCut = [...model.graph.nodes.keys()].some((name) => {
    const [into, out] = [
      model.graph.edges.find(({ target }) => target === name),
      model.graph.edges.find(({ source }) => source === name),
    ];
    return name.startsWith('back') && sideOf.get(into!.source) !== sideOf.get(out!.target);
  });
  const sides = new Set(membranes.map((name) => sideOf.get(name)));
  return { isSplit: sides.size > 1, isCycleCut, spikes: whole.network.counters.spikes };
}

/** How often numbers stand in a file, byte for byte. */
function timesIn(file: Uint8Array, { buffer, byteOffset, byteLength }: ArrayBufferView): number {
  const numbers = Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
  return Buffer.from(file).toString('latin1').split(numbers).length - 1;
}

describe('a net split over a board and this machine', () => {
  describe.each([
    ['feed-forward', false],
    ['recurrent', true],
  ])('%s', (_, isRecurrent) => {
    it.each([referenceEngine, integerEngine])('answers like the whole one, to the bit: $name', async (engine) => {
      let [split, cut, spikes] = [0, 0, 0];
      const property = fc.asyncProperty(arbitraryNet, async (plan) => {
        const float = netOf(plan, isRecurrent);
        const inputs = new Map([['in', 'spikes' as const]]);
        const model = engine === integerEngine ? quantize(float, { bits: 8, calibration: { inputs } }) : float;
        const seen = await compare(model, engine);
        if (seen.isSplit) split++;
        if (seen.isCycleCut) cut++;
        spikes += seen.spikes;
      });
      await fc.assert(property, { numRuns: 60 });
      expect(split).toBeGreaterThan(10);
      if (isRecurrent) expect(cut).toBeGreaterThan(2);
      expect(spikes).toBeGreaterThan(1000);
    });
  });

  const dense = (rows: number, columns: number) => ({
    type: 'Linear',
    weight: Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => Math.sin(1 + row * columns + column) + 0.4),
    ),
  });
  /** Two layers and a read-out that learns, with a way back from the second to the first. */
  const layers = (delays: readonly [number, number] = [2, 0]) =>
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [INPUTS] },
        fc: dense(5, INPUTS),
        first: { type: 'LIF', tau: 0.01, r: 5, v_threshold: 1 },
        between: dense(4, 5),
        second: { type: 'LIF', tau: 0.02, r: 5, v_threshold: 1 },
        back: dense(5, 4),
        decode: dense(2, 4),
        answer: { type: 'LI', tau: 0.01 },
        out: { type: 'Output', shape: [2] },
      },
      edges: [
        ['in', 'fc'],
        ['fc', 'first'],
        ['first', 'between'],
        ['between', 'second'],
        ['second', 'back', { delay: delays[0] }],
        ['back', 'first', { delay: delays[1] }],
        ['second', 'decode'],
        ['decode', 'answer'],
        ['answer', 'out'],
      ],
      learning: { decode: { rule: 'pes', learningRate: 0.01, tauPre: 0.005 } },
      semantics: { dt: 0.001 },
    });
  /** The same in whole numbers, without the way back. */
  const forwardModel = () => {
    const { nodes, edges } = layers().graph;
    const forward = edges.filter(({ source, target }) => source !== 'back' && target !== 'back');
    const graph = { nodes: new Map([...nodes].filter(([name]) => name !== 'back')), edges: forward };
    const inputs = new Map([['in', 'spikes' as const]]);
    return quantize({ ...layers(), graph }, { bits: 8, calibration: { inputs } });
  };
  const splitOn = (engine: Engine, changes: Partial<Abilities> = {}) =>
    splitOver({ ...boardOn(engine), abilities: { ...abilities, ...changes } }, inProcess(engine));

  it('says which node lies where, and why not on the board', async () => {
    const { nodes, executor } = await placementOn(splitOn(referenceEngine, { rules: [] }), layers());
    expect(executor).toBe('board and reference');
    expect(Object.fromEntries(nodes.map(({ name, on, because }) => [name, [on, because]]))).toEqual({
      in: ['reference', undefined],
      fc: ['board', undefined],
      first: ['board', undefined],
      between: ['reference', undefined],
      second: ['reference', '"second" has tau 0.02; it takes 0.015 or less'],
      back: ['board', undefined],
      decode: ['reference', undefined],
      answer: ['reference', expect.any(String)],
      out: ['reference', undefined],
    });
  });

  it('cuts no cycle whose delay is not on the edge that leaves a population', async () => {
    const { nodes, fits } = await placementOn(splitOn(referenceEngine), layers([0, 2]));
    expect(fits).toBe(true);
    expect(nodes.find(({ name }) => name === 'first')).toMatchObject({
      on: 'reference',
      because: expect.stringMatching(
        /^node "second": leads back to "first" without a delay on the edge that leaves it/,
      ),
    });
    await compare(layers([0, 2]), referenceEngine);
  });

  it('is refused on a board that answers late, and told why', async () => {
    const source = splitOn(referenceEngine, { late: 3 });
    const line = 'no population that fits on board: it answers 3 steps late, and a split cannot wait for that';
    expect(await placementOn(source, layers())).toMatchObject({ fits: false, problems: [line] });
    await expect(source.open(writeModel(layers()))).rejects.toMatchObject({
      code: 'unsupported',
      message: `model: has ${line}; expected a model for board`,
    });
  });

  it("that fits on the board whole is the board's own, with its states and self-tests", async () => {
    const tested: unknown[] = [];
    const board = boardOn(referenceEngine);
    const open: typeof board.open = (bytes, options) => {
      tested.push(options?.selfTest);
      return board.open(bytes, options);
    };
    const roomy = { ...board, abilities: { weightBits: [32], runs: 'windows' } as const, open };
    const split = await splitOver(roomy, inProcess(referenceEngine)).open(writeModel(layers()), { selfTest: true });
    expect(split.nodes).toBeUndefined();
    expect(tested).toEqual([true]);
    expect(referenceEngine.load(layers()).goOn(await split.save())).toBeUndefined();
  });

  it('says in an open net, too, which node lies where', async () => {
    const source = splitOn(referenceEngine, { rules: [] });
    const [{ nodes }, net] = [await placementOn(source, layers()), await source.open(writeModel(layers()))];
    expect(net.nodes).toEqual(nodes);
    expect(net.choice).toEqual({ engine: 'board and reference', because: '3 of 9 nodes on board' });
  });

  it('says what fits on neither side', async () => {
    const { fits, problems } = await placementOn(splitOn(integerEngine), layers());
    expect({ fits, problems }).toEqual({ fits: false, problems: ['weights of 32 bits; it takes 8, 4'] });
  });

  it('goes on with what the whole net has learned, and refuses damage and keeps what it has', async () => {
    const source = splitOn(referenceEngine);
    const [split, whole] = [await source.open(writeModel(layers())), referenceEngine.load(layers())];
    whole.run(STEPS, EventBuffer.of(windowOf(1)), new EventBuffer(1000));
    whole.teach('decode', [1, -1]);
    const taken = await split.restore(whole.save());
    expect(taken!.because).toMatch(/^state: belongs to engine "reference"; expected "parts on /);
    expect(readLearned(await split.save())).toEqual(whole.saveLearned());
    await split.run({ steps: STEPS, input: windowOf(2) });
    const before = await split.save();
    for (const at of [40, before.length >> 1, before.length - 9]) {
      const damaged = before.slice();
      damaged[at]! ^= 4;
      await expect(split.restore(damaged)).rejects.toMatchObject({ code: 'store' });
      expect(await split.save()).toEqual(before);
    }
    expect(whole.goOn(before)!.because).toMatch(/belongs to engine "parts on /);
  });

  it('keeps what it has learned once, and goes on from a state that has it twice', async () => {
    const split = await splitOn(referenceEngine).open(writeModel(layers()));
    const whole = referenceEngine.load(layers());
    const lesson = [1, -1];
    for (const window of [1, 2]) {
      if (window === 2) whole.teach('decode', lesson);
      whole.run(STEPS, EventBuffer.of(windowOf(window)), new EventBuffer(1000));
      const teach = window === 1 ? [] : [{ connection: 'decode', signal: Float64Array.from(lesson) }];
      await split.run({ steps: STEPS, input: windowOf(window), teach });
    }
    const state = await split.save();
    expect(timesIn(state, whole.saveLearned().get('decode')!.weights)).toBe(1);
    // Of these two windows and this lesson, by a build that kept what each part has learned in its state as well.
    const former = readFileSync(new URL('./former-split.state', import.meta.url));
    expect(timesIn(former, whole.saveLearned().get('decode')!.weights)).toBe(2);
    const again = await splitOn(referenceEngine).open(writeModel(layers()));
    expect(await again.restore(former)).toBeUndefined();
    const next = { steps: STEPS, input: windowOf(3), membranes: ['answer'] };
    expect(await again.run(next)).toEqual(await split.run(next));
    expect(await again.save()).toEqual(await split.save());
  });

  it('that has lost its board says so in each later call, and saves no state of parts at different steps', async () => {
    const lost = new ForeignBoard();
    const source = splitOver(await lost.open('1'), inProcess(integerEngine));
    const split = await source.open(writeModel(forwardModel()));
    await split.run({ steps: STEPS, input: windowOf(1) });
    lost.process!.kill('SIGKILL');
    const gone = /^foreign 1: does not answer; expected a board that is attached$/;
    await expect(split.run({ steps: STEPS, input: windowOf(1) })).rejects.toThrow(gone);
    await expect(split.run({ steps: STEPS, input: windowOf(1) })).rejects.toThrow(gone);
    await expect(split.save()).rejects.toThrow(gone);
    await source.close();
  });

  it('is closed once, whoever asks for that at the same time', async () => {
    const source = splitOver(boardOn(integerEngine), inProcess(integerEngine));
    const split = await source.open(writeModel(forwardModel()));
    await Promise.all([split.close(), split.close()]);
    await split.close();
    await expect(split.run({ steps: STEPS, input: windowOf(1) })).rejects.toThrow('net: is closed');
    await source.close();
  });

  it('runs its first layer on a board with its own arithmetic', async () => {
    const board = await new ForeignBoard().open('0');
    const source = splitOver(board, inProcess(integerEngine));
    const model = forwardModel();
    const placement = await placementOn(source, model);
    expect(placement.nodes.map(({ name, on }) => [name, on])).toContainEqual(['first', 'foreign 0']);
    expect(placement.nodes.find(({ name }) => name === 'second')!.because).toMatch(/2 populations; it has room for 1/);
    const [split, whole] = [await source.open(writeModel(model)), integerEngine.load(model)];
    for (let window = 0; window < 3; window++) {
      const output = new EventBuffer(1000);
      whole.run(STEPS, EventBuffer.of(windowOf(window)), output);
      const seen = await split.run({ steps: STEPS, input: windowOf(window), membranes: ['first', 'answer'] });
      expect(seen.output).toEqual(output.toList());
      expect(seen.membranes).toEqual({ first: whole.readState('first', 'v'), answer: whole.readState('answer', 'v') });
      expect(seen.counters).toEqual(whole.counters);
    }
    expect(whole.counters.spikes).toBeGreaterThan(50);
    await source.close();
  });
});
