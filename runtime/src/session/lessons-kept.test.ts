import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { referenceEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptSession, type KeptSessionOptions } from './kept/kept-session.ts';
import { NetPool, type NetPoolOptions } from './pool/net-pool.ts';
import type { Lesson } from './teaching.ts';

const model = writeModel(
  classifierModel({
    channels: [{ name: 'level', unit: 'm' }],
    labels: ['low', 'high'],
    standardise: { mean: 0, deviation: 1 },
    running: false,
    neurons: 20,
  }),
);
const source = inProcess(referenceEngine);
const NEVER = 1e9;
const low: Lesson = { kind: 'label', label: 'low', time: undefined };

let parent: string;
let directory: string;
let warnings: string[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'spikewire-lessons-'));
  directory = join(parent, 'store');
  warnings = [];
});

afterEach(() => rm(parent, { recursive: true }));

const options = () => ({
  saveEverySeconds: NEVER,
  lessonsPerDay: Number.POSITIVE_INFINITY,
  warn: (line: string) => warnings.push(line),
});

function open(more: KeptSessionOptions = {}) {
  return KeptSession.open(model, source, { store: directory, ...options(), ...more });
}

function openPool(more: NetPoolOptions = {}) {
  return new NetPool(model, source, { directory, ...options(), ...more });
}

/** A reading, and a lesson about it. */
async function teach(kept: KeptSession, lesson = low) {
  await kept.feed({ time: 0, values: Float64Array.of(kept.session.sequence % 2) });
  return kept.teach(lesson);
}

describe('a lesson', () => {
  it('is saved soon, however long the pause between saves is, and says so when it is durable', async () => {
    const kept = await open();
    await kept.feed({ time: 0, values: Float64Array.of(1) });
    const asked = performance.now();
    const { outcome, saved } = await kept.teach(low);
    expect(outcome).toBe('applied');
    expect(kept.saved).toBeUndefined();
    expect(await saved).toBe(true);
    expect(performance.now() - asked).toBeLessThan(5000); // some 300 ms
    expect(kept.saved).toMatchObject({ sequence: 1n, readings: 1 });
    await kept.close();
    expect(kept.saved!.sequence).toBe(1n);
  });

  it('is saved as soon where it is given to the session itself', async () => {
    const kept = await open();
    await kept.feed({ time: 0, values: Float64Array.of(1) });
    expect(await kept.session.teach(low)).toBe('applied');
    await expect.poll(() => kept.saved, { timeout: 10_000 }).toMatchObject({ sequence: 1n, readings: 1 });
    await kept.close();
  });

  it('is saved with all others that come within a moment', async () => {
    const kept = await open();
    const began = performance.now();
    const receipts = [];
    for (let k = 0; k < 1000; k++) {
      receipts.push(await teach(kept));
      await nextTurn(); // saves go on meanwhile
    }
    const saved = await Promise.all(receipts.map((receipt) => receipt.saved));
    expect(saved).toEqual(new Array(1000).fill(true));
    const seconds = (performance.now() - began) / 1000;
    expect(Number(kept.saved!.sequence)).toBeLessThanOrEqual(1 + seconds / 0.3);
    await kept.close();
    const again = await open();
    expect(again.session.taught!.figures.labels).toBe(1000);
    await again.close();
  });

  it('that was given already is saved, or will be, with the first, and is no reason to save again', async () => {
    const kept = await open();
    const first = await teach(kept);
    const again = await kept.teach(low);
    expect(again.outcome).toBe('repeated');
    expect([await first.saved, await again.saved]).toEqual([true, true]);
    const later = await kept.teach(low);
    expect([later.outcome, await later.saved]).toEqual(['repeated', true]);
    expect(kept.saved!.sequence).toBe(1n);
    await kept.close();
  });

  it('is saved, and says so, where its net makes room for another or ends meanwhile', async () => {
    const pool = openPool({ capacity: 1 });
    const first = await pool.use('pump', (kept) => teach(kept));
    await pool.use('fan', (kept) => teach(kept));
    expect(await first.saved).toBe(true);
    const last = await pool.use('fan', (kept) => teach(kept));
    await pool.close();
    expect(await last.saved).toBe(true);
    const again = openPool();
    expect(await again.use('pump', ({ session }) => session.taught!.figures.labels)).toBe(1);
    expect(await again.use('fan', ({ session }) => session.taught!.figures.labels)).toBe(2);
    await again.close();
  });

  it('is not saved where it changes nothing', async () => {
    const kept = await open();
    const about = { ...low, time: -1 };
    expect(await teach(kept, about).then(async ({ outcome, saved }) => [outcome, await saved])).toEqual([
      'forgotten',
      false,
    ]);
    await kept.setLearning(false);
    expect(await teach(kept).then(async ({ outcome, saved }) => [outcome, await saved])).toEqual(['frozen', false]);
    await kept.close();
  });
});

describe('a lesson that cannot be saved', () => {
  it('says so at once without a store', async () => {
    const kept = await KeptSession.open(model, source, options());
    const { outcome, saved } = await teach(kept);
    expect([outcome, await saved]).toEqual(['applied', false]);
    await kept.close();
  });

  it('says so where the store cannot be opened', async () => {
    await writeFile(directory, 'in the way');
    const kept = await open();
    const { outcome, saved } = await teach(kept);
    expect([outcome, await saved]).toEqual(['applied', false]);
    await kept.close().catch(() => {}); // as it says itself
  });

  it('says so where the medium fails, tries no more often than a save, and is saved when it is back', async () => {
    const kept = await open();
    expect(await (await teach(kept)).saved).toBe(true);
    await rename(directory, `${directory}-gone`);
    expect(await (await teach(kept)).saved).toBe(false);
    const began = performance.now();
    const receipts = [];
    for (let k = 0; k < 100; k++) receipts.push(await teach(kept));
    for (const { saved } of receipts) expect(await saved).toBe(false);
    expect(kept.failedSaves).toBeLessThanOrEqual(2 + (performance.now() - began) / 1000);
    expect(warnings).toEqual([expect.stringMatching(/the stream continues$/)]);
    await rename(`${directory}-gone`, directory);
    await kept.close();
    const again = await open();
    expect(again.session.taught!.figures.labels).toBe(102);
    await again.close();
  });

  it('says so where the budget of the day is spent, asks it no more often than that, and is saved in time', async () => {
    let time = 0;
    const storeLimits = { bytesPerDay: 2 ** 16, now: () => 1.8e12 + time, monotonic: () => time };
    const pool = openPool({ storeLimits });
    await pool.use('pump', async (kept) => {
      expect(await (await teach(kept)).saved).toBe(true); // a full budget allows one save of any size
      expect(await (await teach(kept)).saved).toBe(false);
      for (let k = 0; k < 100; k++) expect(await (await teach(kept)).saved).toBe(false);
      expect(pool.storeUse).toMatchObject({ heldBack: 1, refused: 0 });
      expect(pool.storeUse!.day.written).toBeLessThan(2 ** 16);
      // A person's commands get through, and take the lessons with them.
      await kept.save();
      expect(kept.session.taught!.figures.labels).toBe(102);
      const given = await kept.teach(low);
      expect([given.outcome, await given.saved]).toEqual(['repeated', true]);
      time += 10 * 24 * 3600e3;
    });
    await pool.close();
  });
});
