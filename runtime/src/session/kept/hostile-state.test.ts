import { engineNamed } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import {
  classifierModel,
  type Model,
  nextReadingModel,
  readSafetensors,
  SpikewireError,
  tensor,
  writeSafetensors,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { Session } from '../session.ts';

const channels = [{ name: 'x', unit: '' }];
const plain = classifierModel({ channels, labels: ['a', 'b'], neurons: 6, seed: 1, features: [] });

function taughtBy(parameters: object): Model {
  const [[output, decoder]] = [...plain.decoder] as [[string, { type: string; parameters: object }]];
  return {
    ...plain,
    decoder: new Map([[output, { ...decoder, parameters: { ...decoder.parameters, ...parameters } }]]),
  };
}

const open = (model: Model) => new Session(model, new InProcessExecutor(engineNamed('reference'), model));

const reading = (k: number) => ({ time: 1000 * k, values: Float64Array.of(Math.sin(k)) });
const label = (name: string, time?: number) => ({ kind: 'label', label: name, time }) as const;

async function savedBy(session: Session, settles = true): Promise<Uint8Array> {
  for (let k = 0; k < 30; k++) {
    await session.feed(reading(k));
    await session.teach(label(k % 2 === 0 ? 'a' : 'b'));
    if (settles && k === 15) await session.settle();
  }
  return session.save();
}

async function fedBy(session: Session): Promise<Uint8Array> {
  for (let k = 0; k < 30; k++) await session.feed(reading(k));
  return session.save();
}

/** Whether a state is taken; a refusal names the number that is wrong, or one that does not agree with it. */
async function isTaken(session: Session, state: Uint8Array, name: string): Promise<boolean> {
  try {
    await session.restore(state);
    return true;
  } catch (error) {
    const { code, message } = error as SpikewireError;
    expect(code).toBe('store');
    if (!message.includes('does not agree with the numbers beside it')) expect(message).toContain(name);
    return false;
  }
}

/** Everything that may be asked of a session; each may be refused. */
async function useAll(session: Session): Promise<void> {
  const early = -1e9;
  const asked: (() => Promise<unknown>)[] = [
    () => session.teach(label('a', early)),
    () => session.feed(reading(100)),
    () => session.teach(label('c')),
    () => session.teach(label('a', early)),
    () => session.takeBack(),
    async () => JSON.stringify([session.taught?.figures, session.taught?.confusion]),
    ...Array.from({ length: 8 }, (_, k) => () => session.teach(label('ab'[k % 2]!))),
    () => session.settle(),
    () => session.returnToBase(),
    () => session.feed(reading(101)),
    () => session.save(),
  ];
  for (const ask of asked) {
    await ask().catch((problem: unknown) => expect(problem).toBeInstanceOf(SpikewireError));
  }
}

describe('a session with a state from outside', () => {
  it.each([
    ['adwin', { replay: 4, selfTraining: 0.5 }, true],
    ['page-hinkley', { drift: 'page-hinkley', readout: 'prototypes', budget: 50 }, true],
    ['first lessons, which are kept', {}, false],
  ])('ends, and throws nothing unexpected, whatever numbers are in it: %s', async (_, parameters, settles) => {
    const model = taughtBy(parameters);
    const { tensors, metadata } = readSafetensors(await savedBy(open(model), settles), { allowNonFinite: true });
    for (const [name, { data }] of tensors) {
      if (name === 'engine') continue;
      for (const hostile of [Number.NaN, -1, 1e10, 1e300]) {
        const changed = new Map(tensors).set(name, tensor(data.slice().fill(hostile)));
        const session = open(model);
        if (await isTaken(session, writeSafetensors(changed, metadata), `"${name}"`)) await useAll(session);
      }
    }
  });

  it.each([1e101, 1e308, Number.MAX_VALUE, -Number.MAX_VALUE, Number.NaN])(
    'goes on and can be restored again where it expects a reading of %d',
    async (hostile) => {
      const { monitors: _, ...detector } = nextReadingModel({ channels, neurons: 6, rangeWarmUp: 3 });
      const model = { ...detector, monitors: [{ type: 'next-reading', parameters: { warmUp: 3 } }] };
      const { tensors, metadata } = readSafetensors(await fedBy(open(model)), { allowNonFinite: true });
      const changed = new Map(tensors).set('expected', tensor(Float64Array.of(hostile)));
      const other = open(model);
      await other.restore(writeSafetensors(changed, metadata));
      for (let k = 30; k < 200; k++) {
        const { verdict } = await other.feed(reading(k));
        if (k > 31) expect(verdict!.score).toBeLessThan(100);
      }
      await open(model).restore(await other.save());
    },
  );

  it.each([
    ['a detector', nextReadingModel({ channels, neurons: 6, rangeWarmUp: 3 })],
    ['a classifier', plain],
  ])('can be restored again where its counts are as far as they go: %s', async (_, model) => {
    const session = open(model);
    const state = model === plain ? await savedBy(session) : await fedBy(session);
    const { tensors, metadata } = readSafetensors(state, { allowNonFinite: true });
    for (const [name, { data }] of tensors) {
      if (name === 'engine') continue;
      const changed = new Map(tensors).set(name, tensor(data.slice().fill(2 ** 53)));
      const other = open(model);
      if (!(await isTaken(other, writeSafetensors(changed, metadata), 'saved state'))) continue;
      for (let k = 30; k < 40; k++) {
        await other.feed(reading(k));
        if (model === plain) await other.teach(label(k % 2 === 0 ? 'a' : 'b'));
      }
      await open(model).restore(await other.save());
    }
  });

  // A window of four samples, then means and deviations that two of its frames set.
  const chain = [
    { type: 'window', parameters: { length: 4, hop: 2 } },
    { type: 'rms', parameters: {} },
    { type: 'standardise', parameters: { warmUp: 2 } },
  ];
  it.each([
    ['0.filled', 1e9, 'a whole number from 0 to 3'],
    ['0.filled', 0.5, 'a whole number from 0 to 3'],
    ['0.samples', Number.NaN, 'a number from -1e+60 to 1e+60'],
    ['2.counted', 0.5, 'a whole number from 0 to 2'],
    ['2.counted', 3, 'a whole number from 0 to 2'],
    ['2.deviation', -1, 'a finite number from 0'],
    ['fresh', 2, '0 or 1'],
  ])('refuses a chain of features whose %s is %s, and says what it may be', async (name, hostile, expected) => {
    const [input] = plain.encoder.keys();
    const model = {
      ...nextReadingModel({ channels, neurons: 6, rangeWarmUp: 2 }),
      features: new Map([[input!, chain]]),
    };
    const session = open(model);
    for (let k = 0; k < 30; k++) await session.feed(reading(k));
    const { tensors, metadata } = readSafetensors(await session.save(), { allowNonFinite: true });
    const key = `features.${input}.${name}`;
    const other = open(model);
    const before = await other.save();
    const changed = new Map(tensors).set(key, tensor(tensors.get(key)!.data.slice().fill(hostile)));
    await expect(other.restore(writeSafetensors(changed, metadata))).rejects.toThrow(
      `saved state "${key}": has ${hostile} at 0; expected ${expected}`,
    );
    expect(Buffer.compare(await other.save(), before)).toBe(0);
  });
});
