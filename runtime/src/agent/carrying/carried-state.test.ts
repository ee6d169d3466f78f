import { readdirSync, readFileSync } from 'node:fs';
import { engineNamed } from '@spikewire/engine';
import { OutputStage } from '@spikewire/engine/coding';
import { inProcess } from '@spikewire/engine/executor';
import {
  baseOf,
  classifierModel,
  type Model,
  modelDecoder,
  nextReadingModel,
  RandomGenerator,
  readLearned,
  readSafetensors,
  resolveGraph,
  SpikewireError,
  tensor,
  writeModel,
  writeSafetensors,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../session/kept/open-session.ts';
import { type NetModel, readNetModel } from '../../session/net-model.ts';
import type { Session } from '../../session/session.ts';
import { readSessionState } from '../../session/session-state.ts';
import { type CarriedStateOptions, carriedState } from './carried-state.ts';
import { type CarryingProblem, possibleCarryings } from './possible-carryings.ts';

const source = inProcess(engineNamed('reference'));
const CHANNELS = ['x', 'y'].map((name) => ({ name, unit: '' }));
const LABELS = ['a', 'b', 'c'];
const MEANS = [
  [-1, 0],
  [1, 0],
  [0, 1.5],
];

/** Readings that float32 holds, as kept lessons do: so a lesson that is taught again is the same to the last bit. */
function reading(k: number, seed = 'stream') {
  const random = new RandomGenerator(k, seed);
  const values = Float64Array.from(MEANS[k % 3]!, (mean) => Math.fround(mean + 0.6 * random.nextNormal()));
  return { time: 1000 * k, values };
}

const labelOf = (k: number) => LABELS[k % 3]!;

function front(seed: number, decoder: Parameters<typeof classifierModel>[0]['decoder'] = {}): Model {
  const standardise = { mean: [0, 0], deviation: [1, 1] };
  const parameters = { mostClasses: 5, ...decoder };
  const options = { channels: CHANNELS, labels: LABELS, standardise, running: false, neurons: 24 };
  const model = classifierModel({ ...options, seed, decoder: parameters });
  return { ...model, monitors: [{ type: 'jump', parameters: {} }] };
}

const opened = (model: NetModel, keepLessons = true) => openSession(model, source, { keepLessons, seed: 1 });
const asNetModel = (model: Model) => readNetModel(writeModel(model));

/** The model with what it was taught of so many readings as its base. */
async function withBase(model: Model, seed: string, count = 30): Promise<NetModel> {
  const session = await opened(asNetModel(model), false);
  for (let k = 0; k < count; k++) {
    await session.feed(reading(k, seed));
    await session.teach({ kind: 'label', label: labelOf(k), time: undefined });
  }
  await session.settle();
  const { nodes, semantics } = resolveGraph(model.graph, model.semantics);
  const size = nodes.find(({ name }) => name === 'front')!.shape[0]!;
  const site = { where: 'out', size, dt: semantics.dt, random: new RandomGenerator(1, 'decoder') };
  const decoder = modelDecoder(model, 'out', site);
  const { tensors } = readSafetensors(await session.save(), { allowNonFinite: true });
  for (const [name, { view }] of Object.entries(decoder.state!)) view.set(tensors.get(`decoder.out.${name}`)!.data);
  return asNetModel({ ...model, base: new Map([['out', baseOf(decoder)]]) });
}

const [V1, V2, OTHER] = await Promise.all([
  withBase(front(1), 'first'),
  withBase(front(1), 'second', 50),
  withBase(front(2), 'other'),
]);

/** Every second reading has a label. */
async function live(session: Session, from: number, to: number, onlyTaught = false): Promise<void> {
  for (let k = from; k < to; k++) {
    if (onlyTaught && k % 2 === 1) continue;
    await session.feed(reading(k));
    if (k % 2 === 0) await session.teach({ kind: 'label', label: labelOf(k), time: undefined });
  }
}

async function learnedOn(model: NetModel, readings = 60, keepLessons = true): Promise<Uint8Array> {
  const session = await opened(model, keepLessons);
  await live(session, 0, readings);
  return session.save(() => 'notes of the host');
}

const numbersOf = (state: Uint8Array) => readSafetensors(state, { allowNonFinite: true }).tensors;
const dataOf = (state: Uint8Array, name: string) => numbersOf(state).get(name)!.data;

/** What a read-out knows of lessons, but for what it saw last. */
const knowledgeOf = (state: Uint8Array) =>
  [...numbersOf(state)].filter(([name]) => /^decoder\.|^taught\.(known(?!Samples|Zeros)|confusion)/.test(name));

async function carry(
  carrying: 'carry' | 'rebase' | 'reset',
  former: NetModel,
  state: Uint8Array,
  next: NetModel,
  options: CarriedStateOptions = {},
) {
  let problem: CarryingProblem | undefined;
  const onProblem = (said: CarryingProblem) => {
    problem = said;
  };
  return { state: await carriedState(carrying, former, state, next, source, { ...options, onProblem }), problem };
}

describe('reset', () => {
  it('keeps what people have set on monitors, and nothing else', async () => {
    const session = await opened(V1);
    await live(session, 0, 60);
    session.monitors.watches[0]!.configure({ sensitivity: 17, inRow: 3, on: false });
    const { state } = await carry('reset', V1, await session.save(), OTHER);
    const reset = await opened(OTHER);
    await reset.restore(state!);
    const { sensitivity, inRow, on, holdOff } = reset.monitors.watches[0]!;
    const fresh = (await opened(OTHER)).monitors.watches[0]!;
    expect({ sensitivity, inRow, on, holdOff }).toEqual({
      sensitivity: 17,
      inRow: 3,
      on: false,
      holdOff: fresh.holdOff,
    });
    expect(knowledgeOf(state!)).toEqual(knowledgeOf(await (await opened(OTHER)).save()));
    expect(reset.sequence).toBe(0);
  });
});

describe('carry', () => {
  it.each([
    ['the same front', V2],
    ['another front', OTHER],
  ])('teaches all lessons again, bit for bit as if they had been taught on the new base: %s', async (_, next) => {
    const { state } = await carry('carry', V1, await learnedOn(V1), next);
    const there = await opened(next);
    await live(there, 0, 60, true);
    const taught = await there.save();
    expect(knowledgeOf(state!)).toEqual(knowledgeOf(taught));
    expect(knowledgeOf(state!)).not.toEqual(knowledgeOf(await (await opened(next)).save()));
    const carried = await opened(next);
    await carried.restore(state!);
    for (let k = 60; k < 90; k++) {
      const [a, b] = [await carried.feed(reading(k)), await there.feed(reading(k))];
      expect([a.result, a.confidence, a.base]).toEqual([b.result, b.confidence, b.base]);
    }
  });

  it('keeps the lessons for the base after that', async () => {
    const first = await carry('carry', V1, await learnedOn(V1), OTHER);
    const second = await carry('carry', OTHER, first.state!, V2);
    const direct = await carry('carry', V1, await learnedOn(V1), V2);
    expect(knowledgeOf(second.state!)).toEqual(knowledgeOf(direct.state!));
  });

  it('goes on with the place in the stream, with monitors and with what people have set', async () => {
    const session = await opened(V1);
    await live(session, 0, 60);
    session.monitors.watches[0]!.configure({ sensitivity: 7, holdOff: 33 });
    await session.setLearning(false);
    const before = await session.save(() => 'notes of the host');
    for (const [how, next] of [
      ['carry', V2],
      ['carry', OTHER],
      ['rebase', V2],
    ] as const) {
      const { state } = await carry(how, V1, before, next);
      const after = await opened(next);
      expect((await after.restore(state!)).notes).toBe('notes of the host');
      const { sensitivity, holdOff } = after.monitors.watches[0]!;
      expect([sensitivity, holdOff, after.sequence, after.time, after.learning]).toEqual([7, 33, 60, 59_000, false]);
      for (const [name, { data }] of numbersOf(before)) {
        if (/^(monitor|features|encoder)\.|today$|^zero/.test(name)) expect(dataOf(state!, name)).toEqual(data);
      }
    }
  });

  it('finds no window of a lesson for a label that comes late', async () => {
    const { state } = await carry('carry', V1, await learnedOn(V1), V2);
    const session = await opened(V2);
    await session.restore(state!);
    expect(await session.teach({ kind: 'label', label: 'a', time: 59_000 })).toBe('forgotten');
    expect(await session.takeBack()).toBe(false);
  });

  it('says what is missing, and makes no state then', async () => {
    const plain = await learnedOn(V1, 60, false);
    expect(await carry('carry', V1, plain, V2)).toEqual({ state: undefined, problem: 'lessons' });
    const { encoder } = V2.model;
    const [[input, declared]] = [...encoder] as [[string, { type: string; parameters: object }]];
    const ranged = { ...declared, parameters: { ...declared.parameters, range: [-5, 5] } };
    const other = asNetModel({ ...V2.model, encoder: new Map([[input, ranged]]) } as Model);
    expect(await carry('carry', V1, await learnedOn(V1), other)).toEqual({ state: undefined, problem: 'input' });
    const detector = asNetModel(nextReadingModel({ channels: CHANNELS, neurons: 8 }));
    expect((await carry('carry', V1, plain, detector)).problem).toBe('input');
    expect(await carry('reset', V1, plain, V2)).toEqual({ state: undefined, problem: undefined });
  });

  it('takes the whole state where the base knows the same', async () => {
    const same = asNetModel({ ...V1.model, provenance: { note: 'another file' } });
    expect(same.digest).not.toBe(V1.digest);
    const before = await learnedOn(V1);
    for (const how of ['carry', 'rebase'] as const) {
      const { state } = await carry(how, V1, before, same);
      for (const [name, { data }] of numbersOf(before)) {
        if (name !== 'engine') expect([name, dataOf(state!, name)]).toEqual([name, data]);
      }
      await (await opened(same)).restore(state!);
    }
  });
});

describe('rebase', () => {
  const rows = /^decoder\.out\.adapted\.0\.weights$/;
  const weightsOf = (state: Uint8Array) => [...numbersOf(state)].find(([name]) => rows.test(name))![1].data;
  const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!)), 0);

  it('is the new base where nothing was learned', async () => {
    const session = await opened(V1);
    await session.feed(reading(0));
    const { state } = await carry('rebase', V1, await session.save(), V2);
    const fresh = await (await opened(V2)).save();
    expect(distance(weightsOf(state!), weightsOf(fresh))).toBeLessThan(1e-4);
    for (const name of ['decoder.out.base.0', 'decoder.out.counts', 'decoder.out.taught', 'decoder.out.scale.0.unit']) {
      expect(dataOf(state!, name)).toEqual(dataOf(fresh, name));
    }
  });

  it('has the weights of lessons that are all taught again', async () => {
    const before = await learnedOn(V1);
    const [rebased, repeated] = [await carry('rebase', V1, before, V2), await carry('carry', V1, before, V2)];
    const fresh = await (await opened(V2)).save();
    const [a, b] = [weightsOf(rebased.state!), weightsOf(repeated.state!)];
    expect(distance(a, b)).toBeLessThan(0.02 * distance(b, weightsOf(fresh)));
    expect(dataOf(rebased.state!, 'decoder.out.taught')).toEqual(dataOf(repeated.state!, 'decoder.out.taught'));
    expect(Array.from(dataOf(rebased.state!, 'taught.confusion')).every((count) => count === 0)).toBe(true);
  });

  it('needs no kept lessons, takes new classes along, and refuses what is no sum of lessons', async () => {
    const session = await opened(V1, false);
    await live(session, 0, 40);
    await session.teach({ kind: 'label', label: 'new', time: 39_000 });
    const { state } = await carry('rebase', V1, await session.save(), V2);
    const next = await opened(V2);
    await next.restore(state!);
    expect(next.taught!.figures.classes).toEqual([...LABELS, 'new']);
    await session.settle();
    expect((await carry('rebase', V1, await session.save(), V2)).problem).toBe('base');
    expect((await carry('rebase', V1, await session.save(), OTHER)).problem).toBe('net');
    const [first, second] = await Promise.all(
      ['first', 'second'].map((seed) => withBase(front(1, { readout: 'prototypes' }), seed)),
    );
    expect((await carry('rebase', first!, await learnedOn(first!), second!)).problem).toBe('kind');
  });

  it('adds what connections have learned to the new weights, within the bounds of their rules', async () => {
    const model = nextReadingModel({ channels: CHANNELS, neurons: 20, rangeWarmUp: 3 });
    const [name] = [...model.learning.keys()] as [string];
    const weightOf = ({ model: { graph } }: NetModel) =>
      (graph.nodes.get(name)!.parameters.weight as { data: Float32Array; shape: number[] }).data;
    const changed = (bounds?: readonly [number, number]) => {
      const node = model.graph.nodes.get(name)!;
      const { data, shape } = node.parameters.weight as { data: Float32Array; shape: number[] };
      const weight = tensor(
        data.map((value, k) => value + 0.001 * (k % 7)),
        shape,
      );
      const nodes = new Map(model.graph.nodes).set(name, { ...node, parameters: { ...node.parameters, weight } });
      const learning = new Map([
        [name, model.learning.get(name)!.map((rule) => ({ ...rule, ...(bounds && { bounds }) }))],
      ]);
      return { ...model, graph: { ...model.graph, nodes }, learning } as Model;
    };
    const learnedFrom = async (former: NetModel) => {
      const session = await opened(former);
      for (let k = 0; k < 60; k++) await session.feed(reading(k));
      return session.save();
    };
    const [former, next] = [asNetModel(model), asNetModel(changed())];
    const before = await learnedFrom(former);
    const { state } = await carry('rebase', former, before, next);
    const [a, b] = [readLearned(before).get(name)!.weights, readLearned(state!).get(name)!.weights];
    expect(distance(a, weightOf(former))).toBeGreaterThan(1e-5);
    for (let k = 0; k < a.length; k++) {
      expect(b[k]! - weightOf(next)[k]!).toBeCloseTo(a[k]! - weightOf(former)[k]!, 6);
    }
    await (await opened(next)).restore(state!);
    const bounds = [-1e-4, 1e-4] as const;
    const boundedFormer = { ...model, learning: changed(bounds).learning };
    const [from, to] = [asNetModel(boundedFormer), asNetModel(changed(bounds))];
    const held = await carry('rebase', from, await learnedFrom(from), to);
    expect(distance(readLearned(held.state!).get(name)!.weights, new Float64Array(a.length))).toBeLessThanOrEqual(
      1.001e-4,
    );
  });
});

describe('possible carryings', () => {
  it('follow from the models alone', () => {
    expect(possibleCarryings(V1, V2)).toEqual(['carry', 'rebase', 'reset']);
    expect(possibleCarryings(V1, OTHER)).toEqual(['carry', 'reset']);
    expect(possibleCarryings(V1, V1)).toEqual(['carry', 'rebase', 'reset']);
    const detectors = [1, 2].map((seed) => asNetModel(nextReadingModel({ channels: CHANNELS, neurons: 8, seed })));
    expect(possibleCarryings(detectors[0]!, V1)).toEqual(['reset']);
    expect(possibleCarryings(detectors[0]!, detectors[0]!)).toEqual(['carry', 'rebase', 'reset']);
  });
});

describe('states from outside', () => {
  const RELEASES = new URL('../../../../test/kept/', import.meta.url);

  it('of 0.2.0 are carried where nothing was kept, and load where lessons are kept from now on', async () => {
    const folder = new URL('0.2.0/', RELEASES);
    const names = readdirSync(folder).filter((file) => /classifier.*\.reference\.state$/.test(file));
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const model = readNetModel(readFileSync(new URL(name.replace(/\.reference\.state$/, '.spike'), folder)));
      const state = readFileSync(new URL(name, folder));
      if (readSafetensors(state, { allowNonFinite: true }).metadata.format !== 'spikewire-session') continue;
      await (await opened(model)).restore(state);
      const again = asNetModel({ ...model.model, provenance: { note: 'again' } });
      const { state: carried, problem } = await carry('carry', model, state, again);
      expect(problem).toBeUndefined();
      await (await opened(again)).restore(carried!);
    }
  });

  it('of a build that kept no lessons go on where they are kept', async () => {
    const before = await learnedOn(V1, 20, false);
    const session = await opened(V1);
    await session.restore(before);
    await live(session, 20, 40);
    const { state } = await carry('carry', V1, await session.save(), V2);
    const [stream] = [new OutputStage(V2.model, V2.graph, 1)];
    readSessionState(state!, stream.state, {}, stream.size).apply();
    expect(stream.teachable!.scores.labels).toBe(10);
  });

  it('that are damaged are refused with a typed error, or carried', async () => {
    const state = await learnedOn(V1, 30);
    const { tensors, metadata } = readSafetensors(state, { allowNonFinite: true });
    const random = new RandomGenerator(3, 'fuzz');
    const attempt = async (bytes: Uint8Array) => {
      for (const how of ['carry', 'rebase'] as const) {
        try {
          const { state: carried } = await carry(how, V1, bytes, V2);
          if (carried !== undefined) await (await opened(V2)).restore(carried);
        } catch (problem) {
          expect(problem).toBeInstanceOf(SpikewireError);
        }
      }
    };
    for (let n = 0; n < 150; n++) {
      const bytes = state.slice();
      for (let k = 0; k <= random.nextInteger(4); k++)
        bytes[random.nextInteger(bytes.length)] = random.nextInteger(256);
      await attempt(random.nextInteger(4) === 0 ? bytes.subarray(0, random.nextInteger(bytes.length)) : bytes);
    }
    for (const [name, { data }] of tensors) {
      if (name === 'engine' || data.length === 0) continue;
      for (const hostile of [Number.NaN, -1, 0, 7, 1e10, 1e300]) {
        await attempt(writeSafetensors(new Map(tensors).set(name, tensor(data.slice().fill(hostile))), metadata));
      }
    }
  }, 60_000);
});
