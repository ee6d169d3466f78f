import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineNamed, integerEngine, referenceEngine } from '@spikewire/engine';
import type { ExecutorSource, InProcessExecutor } from '@spikewire/engine/executor';
import { inProcess } from '@spikewire/engine/executor';
import { modelDigest, nextReadingModel, parseModel, quantize, SpikewireError, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../../store/index.ts';
import { MAXIMUM_STATE_BYTES, parseSlot } from '../../store/slot.ts';
import { readNetModel } from '../net-model.ts';
import { NetPool } from '../pool/net-pool.ts';
import { readingsIn, rebaseSessionState } from '../session-state.ts';
import { KeptSession, type KeptSessionOptions } from './kept-session.ts';
import type { CarryOver } from './state-keeper.ts';

const channels = [{ name: 'level', unit: 'm' }];
const model = nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } });
const tuned = nextReadingModel({
  channels,
  neurons: 10,
  rangeWarmUp: 10,
  monitor: { warmUp: 10, sensitivity: 9 },
});
const other = nextReadingModel({ channels, neurons: 12, rangeWarmUp: 10, monitor: { warmUp: 10 } });
const source = inProcess(referenceEngine);
const NEVER = 1e9;

let parent: string;
let directory: string;
let warnings: string[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'spikewire-kept-'));
  directory = join(parent, 'store');
  warnings = [];
});

afterEach(() => rm(parent, { recursive: true }));

function open(options: KeptSessionOptions = {}, of = model) {
  return KeptSession.open(writeModel(of), source, {
    store: directory,
    saveEverySeconds: NEVER,
    warn: (line) => warnings.push(line),
    ...options,
  });
}

function weightsOf({ session }: KeptSession): Float64Array {
  return (session.executor as InProcessExecutor).network.readWeights('reading/decode');
}

async function feed(kept: KeptSession, count: number): Promise<void> {
  for (let k = 0; k < count; k++) await kept.feed({ time: 0, values: Float64Array.of(Math.sin(k / 5)) });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The session that a power failure would leave: that of the store as it is, without the other one closed. */
async function afterPowerFailure() {
  const copy = join(parent, 'copy');
  await rm(copy, { recursive: true, force: true });
  await cp(directory, copy, { recursive: true, filter: (path) => !path.includes('lock') });
  const kept = await open({ store: copy });
  await kept.close();
  return kept.session;
}

describe('kept session', () => {
  it('refuses at the start a net whose state no store could keep, and runs it without one', async () => {
    let closed = 0;
    const large: ExecutorSource = {
      ...source,
      name: 'large',
      async open(bytes, options) {
        const executor = await source.open(bytes, options);
        return {
          name: 'large',
          bytes: MAXIMUM_STATE_BYTES,
          choice: executor.choice,
          run: (request) => executor.run(request),
          setLearning: (on) => executor.setLearning(on),
          resetLearning: () => executor.resetLearning(),
          save: async () => new Uint8Array(MAXIMUM_STATE_BYTES),
          restore: (state) => executor.restore(state),
          close: async () => void closed++,
        };
      },
    };
    const opening = KeptSession.open(writeModel(model), large, { store: directory });
    await expect(opening).rejects.toThrow(
      /^net: has a state of 1342\d{5} bytes, more than a store keeps; expected at most 134217728, or no store$/,
    );
    expect(closed).toBe(1);
    const pool = new NetPool(writeModel(model), large, { directory });
    await expect(pool.tryOut()).rejects.toThrow('more than a store keeps');
    await new NetPool(writeModel(model), large).tryOut();
    expect(closed).toBe(3);
  });

  it.each([
    ['it is fed', (kept: KeptSession) => kept],
    ['its session is fed', ({ session }: KeptSession) => session],
  ])('counts what does not fit the number format of its net, and says so once, where %s', async (_, fed) => {
    // Inhibition drives the membrane down for ever: it holds four to eight thresholds in 16 bits.
    const falling = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        fc: { type: 'Linear', weight: [[-0.25]] },
        cell: { type: 'IF', r: 1000, v_threshold: 1 },
        out: { type: 'Output', shape: [1] },
      },
      edges: [
        ['in', 'fc'],
        ['fc', 'cell'],
        ['cell', 'out'],
      ],
      sample: { steps: 10, between: 'continue' },
      encoder: { in: { type: 'direct', range: [0, 1] } },
      decoder: { out: { type: 'count' } },
    });
    const bytes = writeModel(quantize(falling, { bits: 8, membraneBits: 16 }));
    const kept = await KeptSession.open(bytes, inProcess(integerEngine), { warn: (line) => warnings.push(line) });
    await fed(kept).feed({ time: 0, values: Float64Array.of(1) });
    expect(kept.session.overflow.saturatedLow).toBe(0);
    expect(warnings).toEqual([]);
    for (let k = 0; k < 9; k++) await fed(kept).feed({ time: 0, values: Float64Array.of(1) });
    expect(kept.session.overflow.saturatedLow).toBeGreaterThan(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/input values and \d+ membranes did not fit their number format/);
    await kept.close();
  });

  it('says once that membranes left all bounds, and counts them', async () => {
    const warnings: string[] = [];
    const swinging = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        filter: { type: 'Lowpass', tau: 0.001 },
        out: { type: 'Output', shape: [1] },
      },
      edges: [
        ['in', 'filter'],
        ['filter', 'out'],
      ],
      semantics: { dt: 0.01, integrate: 'euler' },
      sample: { steps: 20, between: 'continue' },
      encoder: { in: { type: 'direct', range: [0, 1] } },
      decoder: { out: { type: 'linear' } },
    });
    const kept = await KeptSession.open(writeModel(swinging), inProcess(referenceEngine), {
      warn: (line) => warnings.push(line),
    });
    const feedOne = () => kept.feed({ time: 0, values: Float64Array.of(1) }).catch(() => {});
    await feedOne();
    expect(kept.session.overflow.nonFinite).toBe(0);
    expect(warnings).toEqual([]);
    for (let k = 0; k < 30; k++) await feedOne();
    expect(kept.session.overflow.nonFinite).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^node "filter": a membrane left all bounds/);
    await kept.close();
  });

  it('says what an engine does otherwise than expected', async () => {
    const warnings: string[] = [];
    const huxley = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        cell: { type: 'HodgkinHuxley' },
        out: { type: 'Output', shape: [1] },
      },
      edges: [
        ['in', 'cell'],
        ['cell', 'out'],
      ],
      semantics: { dt: 1e-5, integrate: 'rk4' },
      sample: { steps: 1, between: 'continue' },
      encoder: { in: { type: 'direct', range: [0, 1] } },
      decoder: { out: { type: 'count' } },
    });
    const kept = await KeptSession.open(writeModel(huxley), inProcess(engineNamed('event-tables')), {
      warn: (line) => warnings.push(line),
    });
    expect(warnings).toEqual([expect.stringContaining('"cell" (HodgkinHuxley) runs step by step')]);
    expect(kept.session.executor.choice).toMatchObject({ engine: 'event-tables', warning: warnings[0] });
    await kept.close();
  });

  it('saves no weight that is no number, says so, and keeps the state before', async () => {
    const name = 'reading/decode';
    const [rule] = model.learning.get(name)!;
    const boundless = { ...rule!, parameters: { ...rule!.parameters, learningRate: 1e300 } };
    const swollen = { ...model, learning: new Map([[name, [boundless]]]) };
    const kept = await open({}, swollen);
    await kept.setLearning(false);
    await feed(kept, 20);
    await kept.save();
    const { network } = kept.session.executor as InProcessExecutor;
    network.learning = true;
    for (const signal of [1e9, 1e9, -1e9, -1e9]) network.teach(name, [signal]);
    expect(weightsOf(kept).every(Number.isFinite)).toBe(false);
    await expect(kept.save()).rejects.toMatchObject({ code: 'store', expected: 'a finite number' });
    const said = /^state "learned\/reading\/decode": has NaN at 0; expected a finite number; the stream continues$/;
    expect(warnings).toEqual([expect.stringMatching(said)]);
    expect(kept.session.failure).toBeUndefined();
    await feed(kept, 1);
    await expect(kept.close()).rejects.toThrow('expected a finite number');
    const again = await open({}, swollen);
    expect(again.session.sequence).toBe(20);
    await again.close();
  });

  it('goes on after it was closed, with its notes', async () => {
    const first = await open({ notes: () => 'noted' });
    expect(first.restoredNotes).toBeUndefined();
    await feed(first, 25);
    await first.close();
    const second = await open();
    expect(second.session.sequence).toBe(25);
    expect(second.restoredNotes).toBe('noted');
    expect(second.saved).toMatchObject({ readings: 25 });
    await second.close();
  });

  it('saves what its session has taken, whoever fed that, also after a rest', async () => {
    const kept = await open();
    await kept.session.feed({ time: 0, values: Float64Array.of(1) });
    expect(kept.unsaved).toBe(true);
    await kept.rest(() => {});
    await kept.save();
    await kept.wake();
    expect(kept.unsaved).toBe(false);
    await kept.session.feed({ time: 1, values: Float64Array.of(2) });
    expect(kept.unsaved).toBe(true);
    await kept.close();
    const again = await open();
    expect(again.session.sequence).toBe(2);
    await again.close();
  });

  it('says a point is saved only when a power failure would leave it', async () => {
    const kept = await open();
    await feed(kept, 25);
    const { readings } = await kept.save();
    await feed(kept, 5);
    expect(readings).toBe(25);
    expect((await afterPowerFailure()).sequence).toBe(25);
    await kept.close();
  });

  it('those who ask for a save meanwhile share one that knows of all they had fed', async () => {
    const kept = await open();
    await feed(kept, 25);
    const first = kept.save();
    await feed(kept, 1);
    const [second, third] = [kept.save(), kept.save()];
    await feed(kept, 1);
    expect((await first).readings).toBeLessThanOrEqual(26);
    expect((await second).readings).toBeGreaterThanOrEqual(26);
    expect(await third).toBe(await second);
    expect((await second).sequence).toBe((await first).sequence + 1n);
    await kept.close();
  });

  it('saves some time after the last reading, although no further one comes', async () => {
    const kept = await open({ saveEverySeconds: 0.05 });
    await feed(kept, 3);
    await until(() => kept.saved?.readings === 3);
    await kept.close();
  });

  it('goes on while the medium fails, says it once, counts it, and saves again when it is back', async () => {
    const kept = await open({ saveEverySeconds: 0 });
    await feed(kept, 25);
    await until(() => kept.saved?.readings === 25);
    await rename(directory, `${directory}-gone`);
    await feed(kept, 25);
    await until(() => kept.failedSaves > 0);
    await expect(kept.save()).rejects.toThrow('store');
    await feed(kept, 25);
    expect(kept.failedSaves).toBeGreaterThan(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^store .*; the stream continues$/);
    await rename(`${directory}-gone`, directory);
    await until(() => kept.saved?.readings === 75);
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toMatch(/saves again, after \d+ failed/);
    await kept.close();
    const again = await open();
    expect(again.session.sequence).toBe(75);
    await again.close();
  });

  it('saves at once what a person has asked for, and a restart obeys it', async () => {
    const kept = await open();
    await feed(kept, 25);
    await kept.setLearning(false);
    await until(() => kept.saved?.sequence === 1n);
    expect((await afterPowerFailure()).learning).toBe(false);
    kept.configure({ sensitivity: 8 });
    await until(() => kept.saved?.sequence === 2n);
    expect((await afterPowerFailure()).monitors.find(undefined)!.sensitivity).toBe(8);
    await kept.close();
    const again = await open({ learning: true });
    expect(again.session.learning).toBe(false);
    expect(again.session.monitors.find(undefined)!.sensitivity).toBe(8);
    await again.setLearning(true);
    await again.close();
    const last = await open({ learning: false });
    expect(last.session.learning).toBe(true);
    await last.close();
  });

  it('goes on with what another engine has learned, and says so once', async () => {
    const opened = (engine: string) =>
      KeptSession.open(writeModel(model), inProcess(engineNamed(engine)), {
        store: directory,
        saveEverySeconds: NEVER,
        warn: (line) => warnings.push(line),
      });
    const first = await opened('clocked');
    await feed(first, 60);
    const weights = weightsOf(first);
    const range = first.session.monitors.state['next-reading']!.range0!.view[0];
    await first.close();
    const second = await opened('reference');
    expect(weightsOf(second)).toEqual(weights);
    expect(second.session.sequence).toBe(60);
    expect(second.session.monitors.state['next-reading']!.range0!.view[0]).toBe(range);
    // No answer of steps that this net never made: a lesson about it is forgotten, and not mistaken for another.
    const { outcome, saved } = await second.teach({ kind: 'target', values: Float64Array.of(0), time: undefined });
    expect([outcome, await saved]).toEqual(['forgotten', false]);
    await feed(second, 5);
    await second.close();
    await (await opened('reference')).close();
    expect(warnings).toEqual([
      expect.stringMatching(
        /continues with what was learned, with fresh membranes and traces: state: belongs to engine "clocked"; expected "reference"$/,
      ),
    ]);
  });

  it('keeps a state that does not fit aside, says so in one line and starts from the model', async () => {
    const store = await Store.open(directory, { baseDigest: modelDigest(model) });
    await store.save(new TextEncoder().encode('what a later version wrote'));
    await store.close();
    for (let start = 0; start < 3; start++) {
      const kept = await open();
      expect(kept.session.sequence).toBe(25 * start);
      await feed(kept, 25);
      await kept.save();
      await kept.close();
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/cannot restore state 1, kept as refused\.1\.slot: saved state: is damaged/);
    const refused = parseSlot(await readFile(join(directory, 'refused.1.slot')), 'refused');
    expect(new TextDecoder().decode(refused.state)).toBe('what a later version wrote');
  });

  it('says whether a damaged save leaves another one to continue from', async () => {
    const damage = (name: string) => writeFile(join(directory, name), 'damaged');
    for (let save = 0; save < 2; save++) {
      const kept = await open();
      await feed(kept, 25);
      await kept.save();
      await kept.close();
    }
    await damage('a.slot');
    await (await open()).close();
    expect(warnings).toEqual([expect.stringMatching(/a save is damaged, .*; the net continues from its other save$/)]);
    warnings.length = 0;
    for (const name of ['a.slot', 'b.slot']) await damage(name);
    const anew = await open();
    expect(anew.session.sequence).toBe(0);
    expect(warnings).toHaveLength(2);
    for (const line of warnings) expect(line).toMatch(/; the net starts without what it had learned$/);
    await anew.close();
  });

  it('puts no state aside because the executor was lost while it was restored', async () => {
    const before = await open();
    await feed(before, 20);
    await before.close();
    const lost = new SpikewireError('unsupported', 'inference worker', 'died');
    const dying: ExecutorSource = {
      ...source,
      async open(bytes, options) {
        const executor = await source.open(bytes, options);
        executor.restore = () => Promise.reject(lost);
        return executor;
      },
    };
    await expect(KeptSession.open(writeModel(model), dying, { store: directory })).rejects.toBe(lost);
    const after = await open();
    expect(after.session.sequence).toBe(20);
    expect(warnings).toEqual([]);
    await after.close();
  });

  it('starts from the model where it cannot go on from a state that it is given, and says so', async () => {
    const kept = await KeptSession.open(writeModel(model), source, {
      from: new Uint8Array(100),
      warn: (line) => warnings.push(line),
    });
    expect(kept.session.sequence).toBe(0);
    expect(warnings).toEqual([
      expect.stringMatching(/^net: cannot continue from its last state: saved state: is damaged/),
    ]);
    await kept.close();
  });

  it('keeps at most a few states that did not fit', async () => {
    for (let start = 0; start < 7; start++) {
      const store = await Store.open(directory, { baseDigest: modelDigest(model) });
      await store.save(Uint8Array.of(start));
      await store.close();
      await (await open()).close();
    }
    const refused = (await readdir(directory)).filter((name) => name.startsWith('refused'));
    expect(refused.sort()).toEqual([4, 5, 6, 7].map((sequence) => `refused.${sequence}.slot`));
  });

  describe('with the state of another model in its store', () => {
    beforeEach(async () => {
      const kept = await open();
      await feed(kept, 40);
      await kept.close();
    });

    it('keeps it for the day its model returns', async () => {
      const kept = await open({}, other);
      expect(kept.session.sequence).toBe(0);
      await feed(kept, 3);
      await kept.close();
      expect(warnings).toEqual([
        expect.stringMatching(/keeps 1 state of another model; this model starts without it \(see --on-new-model\)$/),
      ]);
      const former = await open();
      expect(former.session.sequence).toBe(40);
      await former.close();
    });

    it('takes it over where it fits, once', async () => {
      const kept = await open({ onNewModel: 'rebase' }, tuned);
      expect(kept.session.sequence).toBe(40);
      expect(kept.session.monitors.find(undefined)!.sensitivity).toBe(9);
      await feed(kept, 3);
      await kept.close();
      const again = await open({ onNewModel: 'rebase' }, tuned);
      expect(again.session.sequence).toBe(43);
      await again.close();
    });

    it('takes over what the float form of an integer model has learned, and says what that cost', async () => {
      const form = quantize(model, { bits: 8, calibration: {} });
      const former = await open();
      const weights = weightsOf(former);
      await former.close();
      const kept = await KeptSession.open(writeModel(form), inProcess(integerEngine), {
        store: directory,
        onNewModel: 'rebase',
        warn: (line) => warnings.push(line),
      });
      expect(kept.session.sequence).toBe(40);
      for (const [k, weight] of weightsOf(kept).entries()) expect(weight).toBeCloseTo(weights[k]!, 4);
      await kept.close();
      expect(warnings[0]).toMatch(/took over what another model had learned/);
      expect(warnings[1]).toMatch(
        /: state: is what another form of the model has learned; of 10 weights of "reading\/decode" \d+ were rounded, by at most \S+$/,
      );
      expect(warnings).toHaveLength(2);
    });

    it('keeps it where it does not fit, and says why', async () => {
      const kept = await open({ onNewModel: 'rebase' }, other);
      expect(kept.session.sequence).toBe(0);
      await kept.close();
      expect(warnings).toEqual([
        expect.stringMatching(
          /keeps 1 state of another model; this model starts without it: .*of another build; expected the same graph/,
        ),
      ]);
      const former = await open();
      expect(former.session.sequence).toBe(40);
      await former.close();
    });

    it('goes on with what a function makes of it, which is asked once', async () => {
      const asked: string[] = [];
      const onNewModel: CarryOver = async (net, { digest, state }) => {
        asked.push(`${net} ${digest}`);
        return rebaseSessionState(state, readNetModel(writeModel(tuned)));
      };
      const kept = await open({ onNewModel, name: 'tank' }, tuned);
      expect(kept.session.sequence).toBe(40);
      // It is on the medium already.
      expect(readingsIn((await Store.peek(directory, { baseDigest: modelDigest(tuned) }))!.state)).toBe(40);
      await kept.close();
      const again = await open({ onNewModel, name: 'tank' }, tuned);
      expect(again.session.sequence).toBe(40);
      await again.close();
      expect(asked).toEqual([`tank ${modelDigest(model)}`]);
      const former = await open();
      expect(former.session.sequence).toBe(40);
      await former.close();
    });

    it.each([
      // Whoever gave the function says why.
      ['gives nothing', async () => undefined, []],
      [
        'fails',
        () => Promise.reject(new Error('no lesson fits')),
        [expect.stringMatching(/keeps 1 state of another model; this model starts without it: no lesson fits$/)],
      ],
    ])('keeps it where a function %s', async (_, onNewModel, lines) => {
      const kept = await open({ onNewModel }, other);
      expect(kept.session.sequence).toBe(0);
      await kept.close();
      expect(warnings).toEqual(lines);
      const former = await open();
      expect(former.session.sequence).toBe(40);
      await former.close();
    });

    it('deletes it where that is wanted', async () => {
      await (await open({ onNewModel: 'reset' }, other)).close();
      const former = await open();
      expect(former.session.sequence).toBe(0);
      await former.close();
    });
  });
});
