import {
  type Model,
  parseModel,
  quantize,
  RandomGenerator,
  readLearned,
  SpikewireError,
  writeModel,
} from '@spikewire/models';
import { type Engine, EventBuffer, engines, type RunningNetwork, simulate, simulateOn } from 'spikewire';
import {
  type Abilities,
  type Executor,
  type ExecutorSource,
  placementOn,
  type WindowRequest,
  type WindowResult,
} from 'spikewire/executor';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/** Where nets run, and the engine whose answers they have to give. */
export interface ExecutorUnderTest {
  readonly name: string;
  readonly engine: Engine;
  /** What it says that it can run; absent: all that this suite has. */
  readonly abilities?: Abilities;
  /**
   * How far its answers may be off from those of `engine`, 0: by no bit; absent: as far as its abilities say, which may
   * compare with another engine.
   */
  readonly tolerance?: number;
  /** The cases that its abilities leave out, by name; absent: none. */
  readonly leavesOut?: readonly string[];
  /** What it runs, where it runs none of the nets of this suite. */
  readonly net?: SuiteNet;
  open(): Promise<ExecutorSource>;
}

export const INPUTS = 4;
const CELLS = 12;
export const OUTPUTS = 2;
const STEPS = 30;

const random = new RandomGenerator(7, 'executor suite');
const matrix = (rows: number, columns: number, size: number) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => size * random.nextNormal()));

const layer = {
  in: { type: 'Input', shape: [INPUTS] },
  fc: { type: 'Linear', weight: matrix(CELLS, INPUTS, 1) },
  cells: { type: 'LIF', tau: 0.02, r: 3, v_threshold: 1, v_leak: 0 },
};

/**
 * A net of the suite, and the node whose membranes are its answer; absent: only spikes are handed out. Where it learns,
 * that is at `decode`.
 */
export interface SuiteNet {
  readonly nodes: Readonly<Record<string, { readonly type: string; readonly [parameter: string]: unknown }>>;
  readonly model: Model;
  readonly answer?: string;
  readonly learns: boolean;
}

/** Nodes one behind the other, in real numbers. */
export function floatChain(nodes: SuiteNet['nodes'], answer: string, learning: object = {}): SuiteNet {
  const names = Object.keys(nodes);
  const edges = names.slice(1).map((name, k) => [names[k], name]);
  const model = parseModel({ nodes, edges, learning, semantics: { dt: 0.001 } });
  return { nodes, model, answer, learns: model.learning.size > 0 };
}

function chain(...given: Parameters<typeof floatChain>): SuiteNet {
  const float = floatChain(...given);
  const calibration = { inputs: new Map([['in', 'spikes' as const]]) };
  return { ...float, model: quantize(float.model, { bits: 8, calibration }) };
}

/** A net that any executor with an integer form can run: a layer that spikes, and decoders that learn behind it. */
const learningNet = chain(
  {
    ...layer,
    decode: { type: 'Linear', weight: matrix(OUTPUTS, CELLS, 0.3) },
    answer: { type: 'LI', tau: 0.01 },
    out: { type: 'Output', shape: [OUTPUTS] },
  },
  'answer',
  { decode: { rule: 'pes', learningRate: 0.02, tauPre: 0.01 } },
);

/** For executors that learn nothing: the layer alone. */
const layerNet = chain(
  { ...layer, cells: { ...layer.cells, tau_ref: 0.002 }, out: { type: 'Output', shape: [CELLS] } },
  'cells',
);
/** For executors whose neurons do not rest either. */
const restlessNet = chain({ ...layer, out: { type: 'Output', shape: [CELLS] } }, 'cells');
/** More neurons than a small board has, of a kind that it does not have, in float. */
const izhikevich = { type: 'Izhikevich', a: 0.02, b: 0.2, c: -65, d: 8 };
const foreign = parseModel({
  nodes: {
    in: { type: 'Input', shape: [INPUTS] },
    fc: layer.fc,
    odd: izhikevich,
    out: { type: 'Output', shape: [CELLS] },
  },
  edges: [
    ['in', 'fc'],
    ['fc', 'odd'],
    ['odd', 'out'],
  ],
});

function drawWindow(seed: number, more: Partial<WindowRequest> = {}): WindowRequest {
  const draw = new RandomGenerator(seed, 'window');
  const events = Array.from({ length: STEPS * INPUTS }, (_, k) => k).filter(() => draw.nextUniform() < 0.2);
  const input = {
    step: Int32Array.from(events, (k) => Math.floor(k / INPUTS)),
    node: Int32Array.from(events, () => 0),
    index: Int32Array.from(events, (k) => k % INPUTS),
    value: Float64Array.from(events, () => 1),
  };
  return { steps: STEPS, input, ...more };
}

const lesson = (seed: number) => {
  const draw = new RandomGenerator(seed, 'lesson');
  return { connection: 'decode', signal: Float64Array.from({ length: OUTPUTS }, () => draw.nextNormal()) };
};

/** What a net gives, called directly: the truth. */
function direct(
  network: RunningNetwork,
  { steps, input, teach = [], fresh, raster: wanted, membranes: read = [] }: WindowRequest,
) {
  const taught = teach.map(({ connection, signal, step }) => network.teach(connection, signal, step));
  if (fresh) network.resetActivity();
  const [output, raster] = [new EventBuffer(10_000), new EventBuffer(10_000)];
  network.run(steps, EventBuffer.of(input), output, wanted ? raster : undefined);
  const membranes = Object.fromEntries(read.map((node) => [node, network.readState(node, 'v')]));
  return {
    output: output.toList(),
    raster: wanted ? raster.toList() : undefined,
    membranes,
    taught,
    step: network.step,
  };
}

function visible({ output, raster, membranes, taught, step }: WindowResult) {
  return { output, raster, membranes, taught, step };
}

function courseOf({ answer, learns }: SuiteNet): readonly WindowRequest[] {
  return [0, 1, 2, 3, 4, 5].map((k) => {
    const teach = learns && k > 0 ? [lesson(k)] : [];
    return drawWindow(k, {
      membranes: answer === undefined ? [] : [answer],
      raster: k % 2 === 1,
      fresh: k === 3,
      teach,
    });
  });
}

/** Equal to the bit, or to a tolerance: relative to 1 for numbers that are smaller. */
function expectLike(seen: unknown, expected: unknown, tolerance: number | undefined): void {
  if (tolerance !== undefined && typeof expected === 'number') {
    const most = tolerance * Math.max(1, Math.abs(expected));
    expect(Math.abs((seen as number) - expected)).toBeLessThanOrEqual(most);
  } else if (tolerance !== undefined && typeof expected === 'object' && expected !== null) {
    expect(Object.keys(seen as object)).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected))
      expectLike((seen as Readonly<Record<string, unknown>>)[key], value, tolerance);
  } else expect(seen).toEqual(expected);
}

async function failureOf(call: Promise<unknown>): Promise<SpikewireError> {
  const failure = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (failure instanceof SpikewireError) return failure;
  throw new Error(`rejected with ${failure}`);
}

/** The largest of the nets here that an executor can run, by what it says of itself. */
function netFor(abilities: ExecutorUnderTest['abilities']) {
  if (abilities?.rules?.includes('pes') !== false) return learningNet;
  return abilities.parameters?.LIF?.tau_ref?.maximum === 0 ? restlessNet : layerNet;
}

/** What every executor does alike, wherever it runs. */
export function describeExecutor({
  name,
  engine,
  abilities,
  tolerance: given = abilities?.tolerance?.membrane ?? 0,
  leavesOut = [],
  net = netFor(abilities),
  open: openSource,
}: ExecutorUnderTest): void {
  const tolerance = given === 0 ? undefined : given;
  const { model, nodes, learns } = net;
  const isInteger = model.quantization !== undefined;
  const bytes = writeModel(model);
  const course = courseOf(net);
  const lessons = (seed: number) => (learns ? [lesson(seed)] : []);

  describe(`an executor on ${name}`, () => {
    const leftOut: string[] = [];
    /** A case for those that have what it needs; skipped by name where the abilities say that they do not. */
    const has = {
      learning: learns,
      'membranes in states': abilities?.states !== 'learned',
      'two nets': abilities?.nets !== 1,
    };
    const itNeeds = (needed: keyof typeof has, title: string, run: () => Promise<void>) => {
      if (has[needed]) return it(title, run);
      leftOut.push(title);
      it(title, (context) => context.skip(`needs ${needed}, which ${name} does not have`));
    };

    let source: ExecutorSource;
    beforeAll(async () => {
      source = await openSource();
    });
    afterAll(() => source.close());
    const opened: Executor[] = [];
    const open = async (): Promise<Executor> => {
      const executor = await source.open(bytes, { seed: 5 });
      opened.push(executor);
      return executor;
    };
    // A board may hold few.
    afterEach(async () => {
      await Promise.allSettled(opened.splice(0).map((executor) => executor.close()));
    });
    const load = () => engine.load(model, { seed: 5 });

    it(`gives what its engine gives, window by window, to ${tolerance ?? 'the bit'}`, async () => {
      const [executor, network] = [await open(), load()];
      let events = 0;
      for (const request of course) {
        const expected = direct(network, request);
        expectLike(visible(await executor.run(request)), expected, tolerance);
        events += expected.output.step.length;
      }
      expect(readLearned(await executor.save())).toEqual(network.saveLearned());
      expect(network.counters.spikes + events).toBeGreaterThan(0);
    });

    itNeeds(
      'learning',
      'holds its weights through a window that asks for it, and learns again in the next',
      async () => {
        const executor = await open();
        const [first, second] = [drawWindow(0), drawWindow(1)];
        await executor.run(first);
        const before = readLearned(await executor.save());
        const held = await executor.run({ ...second, teach: [lesson(1)], hold: true });
        expect(held.taught).toEqual(['frozen']);
        expect(readLearned(await executor.save())).toEqual(before);
        expect((await executor.run({ ...second, teach: [lesson(1)] })).taught).toEqual(['applied']);
        expect(readLearned(await executor.save())).not.toEqual(before);
      },
    );

    it('serves calls in order, though nobody waits for them', async () => {
      const [executor, network] = [await open(), load()];
      const calls = course.map((request) => executor.run(request));
      const frozen = executor.setLearning(false);
      const last = executor.run(drawWindow(9, { teach: lessons(9) }));
      const expected = course.map((request) => direct(network, request));
      expectLike((await Promise.all(calls)).map(visible), expected, tolerance);
      await frozen;
      expect((await last).taught).toEqual(lessons(9).map(() => 'frozen'));
    });

    itNeeds('two nets', 'keeps its nets apart', async () => {
      const [one, other, network] = [await open(), await open(), load()];
      for (const request of course) await other.run({ ...request, teach: lessons(99) });
      expectLike(visible(await one.run(course[0]!)), direct(network, course[0]!), tolerance);
    });

    itNeeds('membranes in states', 'goes on bit for bit from a saved state in another net', async () => {
      const one = await open();
      for (const request of course) await one.run(request);
      const state = await one.save();
      const expected = [];
      for (const request of course) expected.push(await one.run(request));
      await one.close();
      const other = await open();
      expect(await other.restore(state)).toBeUndefined();
      for (const [k, request] of course.entries()) expect(await other.run(request)).toEqual(expected[k]);
    });

    it('goes on with what another engine has learned, and says why not whole', async () => {
      const stranger = engines.find(
        (candidate) =>
          candidate.name === (engine.name !== 'reference' ? 'reference' : isInteger ? 'integer' : 'clocked'),
      )!;
      const learned = stranger.load(model);
      for (const request of course) direct(learned, request);
      const executor = await open();
      const taken = await executor.restore(learned.save());
      expect(taken!.because).toMatch(new RegExp(`^state: belongs to engine "${stranger.name}"; expected "`));
      const network = load();
      expect(taken!.reports).toEqual(network.restoreLearned(learned.saveLearned()));
      expectLike(visible(await executor.run(course[0]!)), direct(network, course[0]!), tolerance);
    });

    it('refuses a damaged state, and goes on as if nothing had been', async () => {
      const [executor, network] = [await open(), load()];
      const state = await executor.save();
      state[state.length >> 1]! ^= 1;
      expect((await failureOf(executor.restore(state))).code).toBe('store');
      expectLike(visible(await executor.run(course[0]!)), direct(network, course[0]!), tolerance);
    });

    itNeeds('learning', 'forgets what it has learned', async () => {
      const executor = await open();
      for (const request of course) await executor.run(request);
      expect(readLearned(await executor.save())).not.toEqual(load().saveLearned());
      await executor.resetLearning();
      expect(readLearned(await executor.save())).toEqual(load().saveLearned());
    });

    itNeeds('learning', 'learns again after a window that held its weights and failed', async () => {
      const executor = await open();
      await executor.run(course[0]!);
      const beyond = drawWindow(1, { hold: true });
      beyond.input.index.fill(INPUTS);
      await failureOf(executor.run(beyond));
      expect((await executor.run(drawWindow(1, { teach: [lesson(1)] }))).taught).toEqual(['applied']);
    });

    it('says what is wrong in one typed line', async () => {
      const executor = await open();
      const beyond = drawWindow(0);
      beyond.input.index.fill(INPUTS);
      expect(await failureOf(executor.run(beyond))).toMatchObject({
        code: 'input',
        message: expect.stringMatching(/^event 0 into "in": has index 4; /),
      });
      const nowhere = { connection: 'nowhere', signal: Float64Array.of(1) };
      expect((await failureOf(executor.run(drawWindow(0, { teach: [nowhere] })))).code).toBe('learning');
      await executor.close();
      expect((await failureOf(source.open(bytes.subarray(0, 100)))).code).toBe('file');
      expect((await failureOf(executor.run(course[0]!))).message).toMatch(/is closed/);
    });

    describe('in a simulation', () => {
      const { step, index } = drawWindow(3).input;
      const teach = { decode: [4, 4, 9, STEPS - 1].map((at, k) => [at, [...lesson(k).signal]]) };
      const input = { in: Array.from(step, (at, k) => [at, index[k]]) };
      const given = { steps: STEPS, input, ...(learns && { teach }) };
      const { signal } = new AbortController();

      it.each([true, false])('shows spikes and membranes as its engine does, with learning: %s', async (learn) => {
        const seenToo = net.answer === undefined ? [] : [{ what: 'v' }];
        const options = { learn, record: [{ what: 'spikes' }, ...seenToo] };
        const seen = await simulateOn(await open(), model, given, options, signal);
        const { counters, ...expected } = simulate(model, given, { ...options, engine, seed: 5 });
        const { counters: counted, ...shown } = seen;
        expectLike(shown, expected, tolerance);
        // What a board counts beside lessons is its own affair where its arithmetic is.
        if (tolerance === undefined) expect(counted).toEqual(counters);
        expect(counted.taught).toBe(learn && learns ? 4 : 0);
        if (nodes.cells !== undefined) expect(seen.spikes.cells!.length).toBeGreaterThan(0);
      });

      it.each(['weights', 'refractory'])('refuses to show %s', async (what) => {
        const refused = await failureOf(simulateOn(await open(), model, given, { record: [{ what }] }, signal));
        expect(refused.code).toBe('unsupported');
        expect(refused.message).toMatch(new RegExp(`^recorded ${what}: are not handed out`));
      });

      it('ends with a signal', async () => {
        const stopping = new AbortController();
        const endless = simulateOn(await open(), model, { steps: 2 ** 31 - 1, input: {} }, {}, stopping.signal);
        setTimeout(() => stopping.abort(), 1);
        expect((await failureOf(endless)).message).toMatch(/^simulation: was stopped after \d+ of 2147483647 steps/);
      });
    });

    it('says what of a model fits, and node by node what does not', async () => {
      const { nodes: placed, ...fit } = await placementOn(source, model);
      expect(fit).toEqual({ executor: source.name, fits: true, problems: [] });
      // Where each node lies, and why, is told where there is more than one place.
      const types = Object.entries(nodes).map(([node, { type }]) => ({ name: node, type }));
      expect(placed.map(({ on, because, ...node }) => node)).toEqual(types);
      const { nodes: places } = await open();
      expect(placed.every(({ on }) => (on === undefined) === (places === undefined))).toBe(true);
      if (abilities !== undefined) expect(source.abilities).toEqual(abilities);
      const { kinds, weightBits } = source.abilities;
      const placement = await placementOn(source, foreign);
      const odd = placement.nodes.find((node) => node.name === 'odd')!;
      expect(odd.problem !== undefined).toBe(kinds !== undefined);
      expect(placement.problems.some((line) => /^weights of 32 bits/.test(line))).toBe(!weightBits.includes(32));
    });

    it(`leaves out ${leavesOut.length} cases, which its abilities say that it cannot do`, () => {
      expect(leftOut).toEqual(leavesOut);
    });
  });
}
