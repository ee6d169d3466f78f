import { engineNamed } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import {
  classifierModel,
  type FeatureStage,
  type Model,
  NetworkBuilder,
  quantize,
  RandomGenerator,
  readSafetensors,
  type SamplePlan,
  writeSafetensors,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { Session } from './session.ts';

/** An invented machine: usual value and spread of temperature, current, voltage, pressure, speed and load. */
const CHANNELS = [
  [20, 3],
  [5, 2],
  [230, 4],
  [0.5, 0.2],
  [1500, 300],
  [45, 6],
] as const;
const STATES = ['idle', 'running', 'worn', 'blocked'] as const;

interface Sample {
  readonly values: number[];
  readonly state: string;
}

function* machine(seed: number): Generator<Sample> {
  const own = new RandomGenerator(1, 'states');
  const centres = STATES.map(() => CHANNELS.map(([middle, spread]) => middle + spread * own.nextNormal()));
  const random = new RandomGenerator(seed, 'samples');
  for (;;) {
    const k = random.nextInteger(STATES.length);
    const values = CHANNELS.map(([, spread], c) => centres[k]![c]! + 0.4 * spread * random.nextNormal());
    yield { values, state: STATES[k]! };
  }
}

function samples(seed: number, count: number): Sample[] {
  const source = machine(seed);
  return Array.from({ length: count }, () => source.next().value as Sample);
}

/** All channels far outside; channels in each other's place; 0 everywhere, where no channel ever is. */
function impossible(count: number): number[][] {
  const random = new RandomGenerator(9, 'impossible');
  const known = samples(1, count);
  return Array.from({ length: count }, (_, k) => {
    if (k === 0) return CHANNELS.map(() => 0);
    if (k % 2 === 0) {
      const turn = 1 + random.nextInteger(CHANNELS.length - 1);
      return CHANNELS.map((__, c) => known[k]!.values[(c + turn) % CHANNELS.length]!);
    }
    const far = () => (random.nextUniform() < 0.5 ? -1 : 1) * (15 + 100 * random.nextUniform());
    return CHANNELS.map(([middle, spread]) => middle + spread * far());
  });
}

const channels = CHANNELS.map((_, c) => ({ name: `c${c}`, unit: '' }));

function open(model: Model): Session {
  return new Session(model, new InProcessExecutor(engineNamed('clocked'), model));
}

async function answers(session: Session, values: readonly number[][]) {
  const found = [];
  for (const each of values) found.push(await session.feed({ time: 1e9, values: Float64Array.from(each) }));
  return found;
}

async function shareUnknown(session: Session, values: readonly number[][]): Promise<number> {
  const found = await answers(session, values);
  return found.filter(({ result }) => result === 'unknown').length / values.length;
}

async function teach(session: Session, lessons: readonly Sample[]): Promise<void> {
  for (const { values, state } of lessons) {
    await answers(session, [values]);
    await session.teach({ kind: 'label', label: state, time: undefined });
  }
}

async function expectGuarded(session: Session): Promise<void> {
  const held = samples(2, 400).map(({ values }) => values);
  expect(await shareUnknown(session, held)).toBeLessThanOrEqual(0.01);
  expect(await shareUnknown(session, impossible(1000))).toBeGreaterThanOrEqual(0.98);
  // A run of the same makes it no more usual.
  expect(await shareUnknown(session, new Array(200).fill(impossible(2)[1]))).toBe(1);
}

describe('input that is impossible is unknown', () => {
  it.each(['float', 'int8'])(
    'to a classifier that was taught, %s, settled or not, and after a restart',
    async (form) => {
      const float = classifierModel({ channels, labels: STATES, neurons: 100 });
      const model = form === 'float' ? float : quantize(float, { bits: 8 });
      const session = open(model);
      await answers(
        session,
        samples(3, 30).map(({ values }) => values),
      ); // that set what is usual
      await teach(session, samples(4, 150));
      const taught = await session.save();
      await expectGuarded(session);
      await session.settle();
      await session.restore(taught);
      await session.settle();
      await expectGuarded(session);
      const again = open(model);
      await again.restore(taught);
      await expectGuarded(again);
    },
  );

  it('to a net whose ranges are those of its training, and says what it would be taken for', async () => {
    const session = open(twoClasses());
    const [inside, far] = await answers(session, [
      [3, 1],
      [90, 9],
    ]);
    expect([inside!.result, inside!.likeliest]).toEqual(['a', undefined]);
    expect([far!.result, far!.likeliest]).toEqual(['unknown', 'a']);
  });

  it('where a sensor is dead: zeros alone, which the net was not trained or taught on', async () => {
    const zeros = [0, 0];
    expect(await shareUnknown(open(twoClasses()), [zeros])).toBe(0);
    const trained = open(twoClasses({ zeros: 'never' }));
    expect(await shareUnknown(trained, [zeros, [0, 1], zeros])).toBeCloseTo(2 / 3, 9);
    const tilts = ['x', 'y', 'z'].map((name) => ({ name, unit: 'g' }));
    const taught = open(classifierModel({ channels: tilts, labels: ['up', 'down'], neurons: 50 }));
    const random = new RandomGenerator(2, 'tilts');
    const turned = (): Sample => {
      const values = [0, 0, 0].map(() => random.nextNormal());
      return { values: values.map((value) => value / Math.hypot(...values)), state: values[2]! > 0 ? 'up' : 'down' };
    };
    await answers(
      taught,
      Array.from({ length: 30 }, () => turned().values),
    );
    await teach(
      taught,
      Array.from({ length: 60 }, () => turned()),
    );
    expect(await shareUnknown(taught, [[0, 0, 0]])).toBe(1);
    await taught.teach({ kind: 'label', label: 'falling', time: undefined });
    expect(await shareUnknown(taught, [[0, 0, 0]])).toBe(0);
  });

  it('where a sensor is dead for all readings of a window, of windows that overlap, also after a restart', async () => {
    const mean = [
      { type: 'window', parameters: { length: 16, hop: 8 } },
      { type: 'mean', parameters: {} },
    ];
    const model = twoClasses({ zeros: 'never' }, mean);
    const usual: number[][] = new Array(8).fill([3, 1]);
    const zeros: number[][] = new Array(8).fill([0, 0]);
    const session = open(model);
    const last = async (net: Session, values: readonly number[][]) => (await answers(net, values)).at(-1)!.result;
    const found = [];
    for (const values of [[...usual, ...zeros], zeros, usual, usual, zeros]) found.push(await last(session, values));
    expect(found).toEqual(['a', 'unknown', 'a', 'a', 'a']);
    await answers(session, zeros.slice(0, 5));
    const saved = await session.save();
    const again = open(model);
    await again.restore(saved);
    expect(await last(again, zeros.slice(5))).toBe('unknown');
    // A build that counted no zeros.
    const { tensors, metadata } = readSafetensors(saved, { allowNonFinite: true });
    expect(tensors.delete('zeroReadings')).toBe(true);
    const former = open(model);
    await former.restore(writeSafetensors(tensors, metadata));
    expect(await last(former, zeros.slice(5))).toBe('a');
    expect([await last(former, zeros), await last(former, zeros)]).toEqual(['a', 'unknown']);
  });

  it('until it is taught, also late; a lesson that is taken back has shown nothing', async () => {
    const session = open(classifierModel({ channels, labels: STATES, neurons: 50 }));
    await answers(
      session,
      samples(3, 30).map(({ values }) => values),
    );
    await teach(session, samples(4, 40));
    const far = CHANNELS.map(([middle, spread]) => middle + 60 * spread);
    expect(await shareUnknown(session, [far])).toBe(1);
    const before = await session.save();
    await session.teach({ kind: 'label', label: 'far', time: undefined });
    expect(await shareUnknown(session, [far])).toBe(0);
    await session.restore(before);
    await session.teach({ kind: 'label', label: 'far', time: undefined });
    await session.takeBack();
    expect(await shareUnknown(session, [far])).toBe(1);
  });

  it('and a state that earlier builds wrote goes on without knowing of it', async () => {
    const model = classifierModel({ channels, labels: STATES, neurons: 50 });
    const session = open(model);
    await answers(
      session,
      samples(3, 30).map(({ values }) => values),
    );
    await teach(session, samples(4, 40));
    const { tensors, metadata } = readSafetensors(await session.save(), { allowNonFinite: true });
    const former = new Map([...tensors].filter(([name]) => !name.startsWith('taught.known')));
    expect(former.size).toBe(tensors.size - 9);
    const again = open(model);
    await again.restore(writeSafetensors(former, metadata));
    expect(
      await shareUnknown(
        again,
        samples(2, 20).map(({ values }) => values),
      ),
    ).toBeLessThan(0.1);
    const far = CHANNELS.map(([middle, spread]) => middle + 60 * spread);
    expect(await shareUnknown(again, [far])).toBe(1);
  });
});

/** A net as training leaves it without a read-out that is taught: the larger of two channels has the most spikes. */
function twoClasses(zeros: Pick<SamplePlan, 'zeros'> = {}, features?: readonly FeatureStage[]): Model {
  const net = new NetworkBuilder({ dt: 0.001, seed: 1 });
  const range = [
    [0, 4],
    [0, 4],
  ];
  const input = net.input('in', 2, { type: 'direct', parameters: { range, span: 'unit', gain: 3 } });
  const cells = net.population('cells', 2, { type: 'LIF', tau: 0.01, v_threshold: 1 });
  net.connect(input, cells, { kind: 'one-to-one', weights: 1 });
  net.output('out', cells, { type: 'count', parameters: {} });
  return net.model({
    channels: channels.slice(0, 2),
    labels: ['a', 'b'],
    sample: { steps: 20, between: 'reset', ...zeros },
    ...(features && { features: new Map([['in', features]]) }),
  });
}
