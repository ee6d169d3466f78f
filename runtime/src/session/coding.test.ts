import { clockedEngine, referenceEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { decoderKinds, encoderKinds, parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './outcome.ts';
import { Session } from './session.ts';

/** Two channels, `elements` each, one to one into neurons that pass on what arrives; what they emit is decoded. */
function modelOf(encoder: object, decoder: object, { elements = 1, readOut = false, features = [] as object[] } = {}) {
  const size = 2 * elements;
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [size] },
      pass: { type: 'Scale', scale: Array.from({ length: size }, () => 1) },
      cell: readOut ? { type: 'LI', tau: 0.01, r: 1 } : { type: 'IF', r: 1000, v_threshold: 0.5 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'pass'],
      ['pass', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 0.001 },
    sample: { steps: 40, between: 'continue' },
    ...(features.length === 0 ? {} : { features: { in: features } }),
    encoder: { in: encoder },
    decoder: { out: decoder },
    labels: Array.from({ length: size }, (_, k) => `class ${k}`),
  });
}

const encoders = encoderKinds.flatMap(({ type, examples }) =>
  examples.map(({ parameters, elements = 1 }) => [{ type, ...parameters }, elements] as const),
);

const decoders = decoderKinds.flatMap(({ type, examples }) =>
  examples.map(({ parameters, state = false }) => [{ type, ...parameters }, state] as const),
);

const engines = { reference: referenceEngine, clocked: clockedEngine };

async function feed(session: Session, from: number, to: number, width = 2): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let k = from; k < to; k++) {
    const values = Float64Array.from({ length: width }, (_, c) => 0.5 + 0.45 * Math.sin(k / 3 + c));
    outcomes.push(await session.feed({ time: 40 * k, values }));
  }
  return outcomes;
}

const comparable = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ sequence, result, values, pending, spikes }) => ({ sequence, result, values, pending, spikes }));

describe('a session', () => {
  it.each([...encoderKinds, ...decoderKinds])('is tried with $type', ({ examples }) => {
    expect(examples.length).toBeGreaterThan(0);
  });

  for (const [name, engine] of Object.entries(engines)) {
    it.each(encoders)(
      `on ${name} runs with encoder %j, and goes on exactly after save and restore`,
      async (encoder, elements) => {
        const model = modelOf(encoder, { type: 'count' }, { elements });
        const open = () => new Session(model, new InProcessExecutor(engine, model), { clock: () => 0 });
        const one = open();
        const outcomes = await feed(one, 0, 8);
        expect(outcomes.reduce((sum, { spikes }) => sum + spikes, 0)).toBeGreaterThan(0);
        for (const { result } of outcomes) expect(model.labels).toContain(result);
        const other = open();
        await other.restore(await one.save());
        expect(comparable(await feed(other, 8, 14))).toEqual(comparable(await feed(one, 8, 14)));
      },
    );

    it.each(decoders)(
      `on ${name} answers with decoder %j, and goes on exactly after save and restore`,
      async (decoder, readOut) => {
        const model = modelOf({ type: 'population', fields: 4 }, decoder, { elements: 4, readOut });
        const open = () => new Session(model, new InProcessExecutor(engine, model), { clock: () => 0 });
        const one = open();
        for (const { result } of await feed(one, 0, 4)) {
          if (decoder.type === 'teachable') expect(result).toBeUndefined();
          else if (typeof result === 'string') expect(model.labels).toContain(result);
          else {
            expect(result).toHaveLength(one.outputs);
            expect(result!.every(Number.isFinite)).toBe(true);
          }
        }
        const other = open();
        await other.restore(await one.save());
        expect(comparable(await feed(other, 4, 9))).toEqual(comparable(await feed(one, 4, 9)));
      },
    );
  }

  it('gives values back through population code, neurons and population vector', async () => {
    const decoder = { type: 'population-vector', fields: 8, range: [0, 8] };
    const model = modelOf({ type: 'population', fields: 8, cutoff: 0 }, decoder, { elements: 8 });
    const session = new Session(model, new InProcessExecutor(referenceEngine, model), { clock: () => 0 });
    expect([session.outputs, session.channels]).toEqual([2, 2]);
    const { result } = await session.feed({ time: 0, values: Float64Array.of(0.5, 0.5) });
    // In the middle the fields lie symmetrically, whatever the neurons make of their strength.
    for (const value of result as Float64Array) expect(value).toBeCloseTo(4, 9);
  });
});

describe('the linear decoder behind the synaptic low-pass', () => {
  it('is the sum of all spikes so far, each a decaying exponential of area 1', async () => {
    const [tau, dt, steps] = [0.02, 0.001, 40];
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        decode: { type: 'Linear', weight: [[1 / dt]] },
        synapse: { type: 'Lowpass', tau },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'decode'],
        ['decode', 'synapse'],
        ['synapse', 'out'],
      ],
      semantics: { dt, integrate: 'exact' },
      sample: { steps, between: 'continue' },
      encoder: { in: { type: 'uniform', maxRate: 100 } },
      decoder: { out: { type: 'linear' } },
    });
    const session = new Session(model, new InProcessExecutor(referenceEngine, model), { clock: () => 0 });
    const encoder = encoderKinds.find(({ type }) => type === 'uniform')!;
    const random = { nextUniform: () => 0.5 } as never;
    const twin = encoder.prepare({ maxRate: 100 }, { size: 1, steps, dt, random });
    const spikes: number[] = [];
    for (let k = 0; k < 5; k++) {
      const sample = [0.3 + 0.1 * k];
      twin.encode(sample, (step) => spikes.push(k * steps + step));
      const { result } = await session.feed({ time: 40 * k, values: Float64Array.from(sample) });
      const end = (k + 1) * steps - 1;
      const decay = Math.exp(-dt / tau);
      const expected = spikes.reduce((sum, step) => sum + ((1 - decay) / dt) * decay ** (end - step), 0);
      expect((result as Float64Array)[0]).toBeCloseTo(expected, 9);
      expect(expected).toBeGreaterThan(0);
    }
  });

  it('is what the last step brought where no neuron node stands before the Output', async () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        both: { type: 'Linear', weight: [[2], [-3]] },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'both'],
        ['both', 'out'],
      ],
      sample: { steps: 4, between: 'continue' },
      encoder: { in: { type: 'direct' } },
      decoder: { out: { type: 'linear' } },
    });
    const session = new Session(model, new InProcessExecutor(referenceEngine, model), { clock: () => 0 });
    const { result } = await session.feed({ time: 0, values: Float64Array.of(0.25) });
    expect(Array.from(result as Float64Array)).toEqual([0.5, -0.75]);
  });
});

describe('a session with features', () => {
  const chain = [
    { type: 'window', length: 16, hop: 4 },
    [{ type: 'rms' }, { type: 'band-energies', sampleRate: 25, bands: 3 }],
  ];
  const encoder = { type: 'direct', range: 'auto', warmUp: 3 };

  function open(features: readonly object[], elements: number) {
    const model = modelOf(encoder, { type: 'count' }, { elements, features: [...features] });
    return new Session(model, new InProcessExecutor(referenceEngine, model), { clock: () => 0 });
  }

  it('runs a window of the net with each reading that completes a frame', async () => {
    const session = open(chain, 4);
    expect([session.channels, session.sampleSize]).toEqual([2, 8]);
    const outcomes = await feed(session, 0, 40);
    const complete = outcomes.filter(({ pending }) => !pending).map(({ sequence }) => sequence);
    expect(complete).toEqual([16, 20, 24, 28, 32, 36, 40]);
    const answered = outcomes.filter(({ result }) => result !== undefined).map(({ sequence }) => sequence);
    // The range's warm-up counts frames.
    expect(answered).toEqual([24, 28, 32, 36, 40]);
    expect(outcomes.at(-1)!.warmUp).toEqual({ done: 3, of: 3 });
    const last = Array.from({ length: 16 }, (_, k) => 0.5 + 0.45 * Math.sin((24 + k) / 3));
    const rms = Math.sqrt(last.reduce((sum, x) => sum + x * x, 0) / 16);
    expect(outcomes.at(-1)!.values[0]).toBeCloseTo(rms, 12);
  });

  it.each([5, 16, 17, 30])(
    'saved after %i readings, amid a window, goes on as if nothing had happened',
    async (count) => {
      const one = open(chain, 4);
      await feed(one, 0, count);
      const other = open(chain, 4);
      await other.restore(await one.save());
      expect(comparable(await feed(other, count, 60))).toEqual(comparable(await feed(one, count, 60)));
    },
  );

  it('takes blocks of samples, and gives the same as sample by sample', async () => {
    const single = open([{ type: 'window', length: 8, hop: 8 }, { type: 'peak-to-peak' }], 1);
    const blocks = open(
      [{ type: 'block', length: 4 }, { type: 'window', length: 8, hop: 8 }, { type: 'peak-to-peak' }],
      1,
    );
    expect(blocks.channels).toBe(8);
    const samples = Array.from({ length: 64 }, (_, k) => [Math.sin(k), Math.cos(k * k)]);
    const one: Outcome[] = [];
    const other: Outcome[] = [];
    for (const [k, values] of samples.entries())
      one.push(await single.feed({ time: k, values: Float64Array.from(values) }));
    for (let k = 0; k < 64; k += 4) {
      const rows = samples.slice(k, k + 4);
      const values = Float64Array.from([...rows.map(([x]) => x!), ...rows.map(([, y]) => y!)]);
      other.push(await blocks.feed({ time: k + 3, values }));
    }
    const answers = (outcomes: readonly Outcome[]) =>
      outcomes.filter(({ pending }) => !pending).map(({ time, values, result }) => ({ time, values, result }));
    expect(answers(other)).toEqual(answers(one));
    expect(answers(one)).toHaveLength(8);
  });

  it('refuses a bad reading and changes nothing', async () => {
    const one = open(chain, 4);
    const other = open(chain, 4);
    await feed(one, 0, 21);
    await feed(other, 0, 21);
    for (const bad of [[Number.NaN, 1], [1], [1e70, 1]]) {
      await expect(one.feed({ time: 0, values: Float64Array.from(bad) })).rejects.toMatchObject({ code: 'input' });
    }
    expect(comparable(await feed(one, 21, 40))).toEqual(comparable(await feed(other, 21, 40)));
  });

  it('waits until the features of every input have a sample', async () => {
    const model = parseModel({
      nodes: {
        slow: { type: 'Input', shape: [1] },
        fast: { type: 'Input', shape: [1] },
        plain: { type: 'Input', shape: [1] },
        out: { type: 'Output', shape: [1] },
      },
      edges: [
        ['slow', 'out'],
        ['fast', 'out'],
        ['plain', 'out'],
      ],
      sample: { steps: 1, between: 'continue' },
      features: {
        slow: [{ type: 'window', length: 6 }, { type: 'mean' }],
        fast: [{ type: 'window', length: 4 }, { type: 'mean' }],
      },
      encoder: { slow: { type: 'direct' }, fast: { type: 'direct' }, plain: { type: 'direct' } },
      decoder: { out: { type: 'linear' } },
    });
    const session = new Session(model, new InProcessExecutor(referenceEngine, model), { clock: () => 0 });
    const complete: number[] = [];
    for (let k = 1; k <= 24; k++) {
      const values = Float64Array.of(k / 100, k / 100, k / 100);
      const outcome = await session.feed({ time: k, values });
      if (!outcome.pending) complete.push(k, ...Array.from(outcome.values, (value) => Math.round(value * 1000)));
    }
    // Windows of six end at 6, 12, …, of four at 4, 8, 12, …: both have a new one at 6, 12, 18, 24; the newest counts.
    expect(complete).toEqual([6, 35, 25, 60, 12, 95, 105, 120, 18, 155, 145, 180, 24, 215, 225, 240]);
  });

  it('counts the time since the last sample, not since the last reading, as skipped', async () => {
    const session = open([{ type: 'window', length: 4 }, { type: 'mean' }], 1);
    for (let k = 0; k < 12; k++) await session.feed({ time: 1000 * k, values: Float64Array.of(k, k) });
    // Frames with the readings 3, 7 and 11: 3 s from the first reading on, then 4 s each, of which a window of 40 ms
    // runs.
    expect(session.skippedSteps).toBe(3000 - 40 + 2 * (4000 - 40));
  });
});
