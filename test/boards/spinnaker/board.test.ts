import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { type Model, parseModel, SpikewireError, writeModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { type Executor, executorSourceOf, placementOn } from 'spikewire/executor';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { needs } from '../../services.ts';
import { startTwin, type Twin } from './twin-process.ts';

const DATABASE = fileURLToPath(new URL('../../golden/data/spinnaker/database.sqlite3', import.meta.url));
const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'spinnaker')!;

const [INPUTS, NEURONS] = [4, 300];
const STEPS = 200;
const thresholdOf = (n: number) => (n % 3) + 1;

/** The net that the twin runs, as a model: whole numbers of spikes, none of which is ever forgotten. */
const net: Model = parseModel({
  nodes: {
    inject: { type: 'Input', shape: [INPUTS] },
    fan: {
      type: 'Sparse',
      weight: [1],
      target: Array.from({ length: NEURONS }, (_, k) => (k % 75) * INPUTS + Math.floor(k / 75)),
      offset: [0, 75, 150, 225, 300],
      outputs: NEURONS,
    },
    cells: { type: 'IF', r: 1000, v_threshold: Array.from({ length: NEURONS }, (_, n) => thresholdOf(n)) },
    out: { type: 'Output', shape: [NEURONS] },
  },
  edges: [
    ['inject', 'fan'],
    ['fan', 'cells'],
    ['cells', 'out'],
  ],
  semantics: { dt: 1e-3, reset: 'subtract', threshold: 'ge' },
  sample: { steps: STEPS, between: 'continue' },
});
const bytes = writeModel(net);

const nothing = () => new EventBuffer(0).toList();

/** Spikes in the first quarter of a window, so that all answers come within it. */
function windowOf(seed: number) {
  const events = new EventBuffer(200);
  for (let step = 0; step < STEPS / 4; step++) {
    const index = (step * seed + (step >> 2)) % INPUTS;
    if ((step + seed) % 3 !== 0) events.push(step, 0, index, 1);
  }
  return events.toList();
}

const countsOf = (index: Int32Array) => {
  const counts = new Array<number>(NEURONS).fill(0);
  for (const n of index) counts[n]!++;
  return counts;
};

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
const totalOf = (windows: readonly (readonly number[])[]) =>
  Array.from({ length: NEURONS }, (_, n) => sumOf(windows.map((counts) => counts[n]!)));

/** What the engine gives for the same windows. */
function expected(windows: readonly ReturnType<typeof windowOf>[]) {
  const network = engineNamed('reference').load(net);
  return windows.map((input) => {
    const output = new EventBuffer(100_000);
    network.run(STEPS, EventBuffer.of(input), output);
    return countsOf(output.toList().index);
  });
}

async function openOn(twin: Twin, more = '') {
  const source = await driver.open(`127.0.0.1:${twin.port}?network=${DATABASE}&late=100${more}`, {
    warn: (line) => warnings.push(line),
  });
  onTestFinished(() => source.close());
  return source;
}

async function twinWith(settings: Readonly<Record<string, unknown>> = {}) {
  const twin = await startTwin(settings);
  onTestFinished(() => twin.close());
  return twin;
}

const live = (executor: Executor) => (executor as Executor & { live: Record<string, number> }).live;

async function failureOf(call: Promise<unknown>): Promise<SpikewireError> {
  const failure = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (failure instanceof SpikewireError) return failure;
  throw new Error(`rejected with ${failure}`);
}

let warnings: string[] = [];
beforeEach((context) => {
  needs(context, 'sqlite3');
  warnings = [];
});

describe('a net on a board', () => {
  it.each(['neurons', 'keys'])('is fed by %s and read, and gives the spikes of the same net here', async (inject) => {
    const twin = await twinWith();
    const source = await openOn(twin, `&inject=${inject}`);
    const executor = await source.open(bytes);
    const windows = [windowOf(1), windowOf(2), windowOf(3)];
    const counts = new Array<number>(NEURONS).fill(0);
    for (const [k, input] of [...windows, nothing()].entries()) {
      const { output, step } = await executor.run({ steps: STEPS, input });
      for (const n of output.index) counts[n]!++;
      expect(step).toBe((k + 1) * STEPS);
      expect(output.step.every((at, n) => at >= (output.step[n - 1] ?? 0) && at < STEPS)).toBe(true);
    }
    const { late, between } = live(executor);
    const truth = totalOf(expected(windows));
    const missing = sumOf(truth) - sumOf(counts);
    // A busy machine may keep a packet for longer than the 100 ms that it may be late: then it is counted.
    expect(late! + between!).toBe(missing);
    if (missing === 0) expect(counts).toEqual(truth);
    expect(counts.every((count, n) => count <= truth[n]!)).toBe(true);
    const given = windows.reduce((sum, { step }) => sum + step.length, 0);
    expect(await twin.stats()).toMatchObject({ injected: given, lost: 0 });
    expect(live(executor)).toMatchObject({ malformed: 0, doubled: 0, unknown: 0, dropped: 0 });
    expect(warnings.filter((line) => !line.includes('sent no packet'))).toEqual([]);
  });

  it('answers in the step of the board, however long packets take', async () => {
    const twin = await twinWith({ delay: 12 });
    const source = await openOn(twin);
    const executor = await source.open(bytes);
    const input = new EventBuffer(10);
    // Each spike is answered by 100 neurons of threshold 1, 25 of which have this input.
    for (const step of [5, 15, 25, 35]) input.push(step, 0, 0, 1);
    await executor.run({ steps: STEPS, input: input.toList() });
    const { output } = await executor.run({ steps: STEPS, input: input.toList() });
    const steps = [...new Set([...output.step])];
    expect(steps.length).toBeGreaterThan(0);
    // All neurons that spike in a step of the board do so in one step here, though in several packets.
    expect(steps.length).toBeLessThanOrEqual(4);
    for (const step of steps) expect([...output.step].filter((at) => at === step).length).toBeGreaterThanOrEqual(25);
  });

  it('tells of spikes that come too late for their window', async () => {
    const twin = await twinWith({ delay: 60 });
    const executor = await (await openOn(twin, '&late=1')).open(bytes);
    let dropped = 0;
    for (const input of [windowOf(1), nothing(), nothing()]) {
      const result = await executor.run({ steps: STEPS / 4, input: { ...input } });
      dropped += result.dropped;
    }
    const { late, between } = live(executor);
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThanOrEqual(late! + between!);
  });

  it('loses no spike to doubled and reordered packets', async () => {
    const twin = await twinWith({ double: 0.4, reorder: 0.3, delay: 4, seed: 5 });
    const executor = await (await openOn(twin)).open(bytes);
    const windows = [windowOf(4), windowOf(5)];
    const counts = new Array<number>(NEURONS).fill(0);
    for (const input of [...windows, nothing()])
      for (const n of (await executor.run({ steps: STEPS, input })).output.index) counts[n]!++;
    const truth = totalOf(expected(windows));
    const { late, between } = live(executor);
    expect(late! + between!).toBe(sumOf(truth) - sumOf(counts));
    expect(counts.every((count, n) => count <= truth[n]!)).toBe(true);
    expect(live(executor).doubled).toBeGreaterThan(0);
  });

  it('repairs what it asks for, and counts what comes, on a line that loses packets', async () => {
    const twin = await twinWith({ loss: 0.1, busy: 0.3, seed: 1 });
    const executor = await (await openOn(twin, '&timeout=60')).open(bytes);
    const counts = new Array<number>(NEURONS).fill(0);
    for (const input of [windowOf(6), windowOf(7), nothing()]) {
      const { output } = await executor.run({ steps: STEPS, input });
      for (const n of output.index) counts[n]!++;
    }
    const { sentSpikes, lostSpikes, injected, refused } = await twin.stats();
    const { late, between } = live(executor);
    expect(sumOf(counts) + late! + between!).toBe(sentSpikes);
    expect(lostSpikes).toBeGreaterThan(0);
    expect(injected).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });

  it('says once that a window brought no packet, and counts further ones', async () => {
    const twin = await twinWith();
    const executor = await (await openOn(twin)).open(bytes);
    for (let k = 0; k < 3; k++)
      expect((await executor.run({ steps: 50, input: nothing() })).output.step).toHaveLength(0);
    expect(warnings).toEqual([expect.stringMatching(/: sent no packet in a window of 50 steps, and answers/)]);
    expect(live(executor).silentWindows).toBe(3);
  });
});

describe('never a wrong answer', () => {
  it('of a board with its bytes in another order', async () => {
    const twin = await twinWith({ swap: true });
    const failure = await failureOf(openOn(twin));
    expect(failure.code).toBe('unsupported');
    expect(failure.message).toMatch(/^spinnaker 127\.0\.0\.1:\d+: (answers|gives) .*; expected /);
  });

  it('of a board that runs another net', async () => {
    const twin = await twinWith({ shift: 2 ** 20 });
    const executor = await (await openOn(twin)).open(bytes);
    const failure = await failureOf(executor.run({ steps: STEPS, input: windowOf(1) }));
    expect(failure.message).toMatch(/: sends only keys that the network does not have; expected the network that runs/);
    expect(warnings).toEqual([expect.stringMatching(/: sends the key 0x11\w+, which the network does not have$/)]);
  });

  it('warns of a single key that the network does not have', async () => {
    const twin = await twinWith({ shift: 1 });
    const executor = await (await openOn(twin)).open(bytes);
    const { output } = await executor.run({ steps: STEPS, input: windowOf(1) });
    expect(output.step.length).toBeGreaterThan(0);
    expect(warnings).toEqual([expect.stringMatching(/: sends the key 0x1012c, which/)]);
  });

  it('of a board that goes away: one clear error, and no silence from another engine', async () => {
    const twin = await twinWith();
    const source = await executorSourceOf(`spinnaker:127.0.0.1:${twin.port}?network=${DATABASE}&late=40&timeout=40`, {
      drivers: acceleratorDrivers,
    });
    onTestFinished(() => source.close());
    const stand = writeModel({ ...net, graph: silentGraph() });
    const executor = await source.open(stand);
    await executor.run({ steps: 50, input: nothing() });
    twin.goAway();
    const failure = await failureOf(executor.run({ steps: 50, input: nothing() }));
    expect(failure).toMatchObject({ code: 'unsupported' });
    expect(failure.message).toMatch(/gives no reply to version, sent 5 times; expected a SpiNNaker board/);
    expect((await failureOf(executor.run({ steps: 50, input: nothing() }))).message).toBe(failure.message);
    await executor.close();
    expect((await failureOf(source.open(stand))).message).toBe(failure.message);
  });
});

it('a second net runs here if it computes something, and else nowhere', async () => {
  const twin = await twinWith();
  const source = await executorSourceOf(`spinnaker:127.0.0.1:${twin.port}?network=${DATABASE}&late=40`, {
    drivers: acceleratorDrivers,
    warn: (line) => warnings.push(line),
  });
  onTestFinished(() => source.close());
  const stand = writeModel({ ...net, graph: silentGraph() });
  const executor = await source.open(stand, { name: 'a' });
  const failure = await failureOf(source.open(stand, { name: 'b' }));
  expect(failure.message).toMatch(
    /^net "b": spinnaker .* holds one net at a time, now "a"; expected that it is closed/,
  );
  expect(warnings).toEqual([]);
  expect((await source.open(bytes, { name: 'c' })).name).toBe('auto (worker)');
  await executor.close();
  expect((await source.open(stand, { name: 'd' })).name).toMatch(/^spinnaker /);
});

it('spikes of populations come from their Outputs, and what no Output tells is said once', async () => {
  const twin = await twinWith();
  const source = await openOn(twin);
  const { nodes, edges } = net.graph;
  const aside = { type: 'Threshold', parameters: { threshold: { shape: [], data: Float64Array.of(1) } } };
  const graph = {
    nodes: new Map([...nodes, ['aside', aside]]),
    edges: [...edges, { source: 'inject', target: 'aside', delay: 0 }],
  };
  const executor = await source.open(writeModel({ ...net, graph }));
  for (let k = 0; k < 2; k++) {
    const { output, raster } = await executor.run({ steps: STEPS, input: windowOf(k), raster: true });
    expect(raster!.index).toEqual(output.index);
    expect(raster!.node.every((node) => node !== output.node[0])).toBe(true);
  }
  expect(warnings.filter((line) => line.includes('hands out'))).toEqual([
    expect.stringMatching(/: hands out no spikes of aside, which have no Output of their own$/),
  ]);
});

/** The same net without weights: it only stands for the board. */
function silentGraph(): Model['graph'] {
  const fan = net.graph.nodes.get('fan')!;
  const parameters = { ...fan.parameters, weight: { shape: [1], data: Float64Array.of(0) } };
  return { ...net.graph, nodes: new Map([...net.graph.nodes, ['fan', { ...fan, parameters }]]) };
}

describe('an executor on a board', () => {
  it('serves calls in order, refuses what it cannot do, and is closed once', async () => {
    const twin = await twinWith();
    const source = await openOn(twin);
    const executor = await source.open(bytes);
    const calls = [1, 2, 3].map(() => executor.run({ steps: 60, input: nothing() }));
    expect((await Promise.all(calls)).map(({ step }) => step)).toEqual([60, 120, 180]);
    const state = await executor.save();
    await executor.run({ steps: 60, input: nothing() });
    expect(await executor.restore(state)).toBeUndefined();
    expect((await executor.run({ steps: 60, input: nothing() })).step).toBe(240);
    state[state.length >> 1]! ^= 1;
    expect((await failureOf(executor.restore(state))).code).toBe('store');
    const lesson = { connection: 'fan', signal: Float64Array.of(1) };
    const half = { ...windowOf(1), value: windowOf(1).value.map(() => 0.5) };
    const beyond = { ...windowOf(1), index: windowOf(1).index.map(() => INPUTS) };
    for (const [request, code] of [
      [{ steps: STEPS, input: beyond }, 'input'],
      [{ steps: STEPS, input: half }, 'input'],
      [{ steps: STEPS, input: nothing(), teach: [lesson] }, 'learning'],
      [{ steps: STEPS, input: nothing(), membranes: ['cells'] }, 'unsupported'],
    ] as const)
      expect((await failureOf(executor.run(request))).code).toBe(code);
    expect((await failureOf(source.open(bytes))).code).toBe('budget');
    await executor.close();
    expect((await failureOf(executor.run({ steps: 1, input: nothing() }))).message).toMatch(/is closed/);
    await (await source.open(bytes)).close();
    expect((await failureOf(source.open(bytes.subarray(0, 100)))).code).toBe('file');
  });

  it('says what of a model fits, node by node', async () => {
    const source = await openOn(await twinWith());
    expect(await placementOn(source, net)).toMatchObject({ fits: true, problems: [] });
    const sample = { steps: 40, between: 'reset' } as const;
    const other = { ...net, sample, semantics: { ...net.semantics, dt: 0.002 } };
    expect((await placementOn(source, other)).problems).toEqual([
      'steps of 0.002 s; the board has steps of 0.001 s',
      'samples of 40 steps; it answers 100 steps late',
      'samples that begin with fresh membranes; it cannot reset them',
    ]);
    const renamed = parseModel({
      nodes: { in: { type: 'Input', shape: [2] }, fc: { type: 'Linear', weight: [[1, 1]] }, out: { type: 'Output' } },
      edges: [
        ['in', 'fc'],
        ['fc', 'out'],
      ],
      semantics: { dt: 1e-3 },
      sample: { steps: 200, between: 'continue' },
    });
    expect((await failureOf(source.open(writeModel(renamed)))).message).toMatch(
      /^node "in": is not a population of the board that takes spikes; it has "inject" \(4\), "out" \(300\); expected a model/,
    );
  });
});

describe('the test of a board', () => {
  it('reads who it is, its tags and a block of its memory, and leaves nothing behind', async () => {
    const twin = await twinWith({ busy: 0.1 });
    const findings = await driver.test!(`127.0.0.1:${twin.port}`);
    expect(findings.slice(0, 3)).toEqual([
      'monitor: SC&MP 4.0.0 on SpiNNaker, chip 0, 0',
      'chip: 18 cores, 3 of them run, 6 of 6 links, 117000000 bytes of SDRAM and 1000 router entries free',
      'tags: 16, in use: none',
    ]);
    expect(findings[4]).toBe('memory: 1024 bytes hold what is written');
    expect(await twin.stats()).toMatchObject({ blocks: 0, tags: 0 });
  });

  it('writes nowhere where the board gives no block', async () => {
    const twin = await twinWith({ scratch: false });
    expect((await driver.test!(`127.0.0.1:${twin.port}`))[4]).toMatch(/^memory: not tried/);
  });

  it('finds no board where none is', async () => {
    await expect(driver.test!('127.0.0.1:9?timeout=20')).rejects.toThrow(/gives no reply to version, sent 5 times/);
    expect(await driver.list()).toEqual([]);
  });
});

describe('the talk with the tool chain', () => {
  it('reads the database that it names, confirms, and runs from START to STOP', async () => {
    const twin = await twinWith();
    const tools = createSocket('udp4');
    tools.bind(0, '127.0.0.1');
    await once(tools, 'listening');
    onTestFinished(() => void tools.close());
    const probe = createSocket('udp4');
    probe.bind(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    await new Promise<void>((closed) => probe.close(closed));
    const opening = driver.open(`127.0.0.1:${twin.port}?listen=${port}&late=40&wait=20`);
    // UDP keeps nothing for who does not listen yet.
    const path = Buffer.concat([Buffer.from([0x01, 0x40]), Buffer.from(DATABASE)]);
    const again = setInterval(() => tools.send(path, port, '127.0.0.1'), 50);
    const [confirmation] = (await once(tools, 'message')) as [Buffer];
    clearInterval(again);
    expect([...confirmation]).toEqual([0x01, 0x40]);
    const source = await opening;
    onTestFinished(() => source.close());
    const executor = await source.open(bytes);
    let isDone = false;
    const first = executor.run({ steps: 50, input: nothing() }).finally(() => {
      isDone = true;
    });
    await new Promise((done) => setTimeout(done, 150));
    expect(isDone).toBe(false);
    tools.send(Buffer.from([0x0b, 0x40]), port, '127.0.0.1');
    expect((await first).step).toBe(50);
    tools.send(Buffer.from([0x0a, 0x40]), port, '127.0.0.1');
    const failure = await failureOf(executor.run({ steps: 300, input: nothing() }));
    expect(failure.message).toBe('SpiNNaker tools: has stopped the net; expected a net that runs');
  });
});
