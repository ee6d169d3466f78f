import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { classifierModel, featureCandidates, nextReadingModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeptSession } from '../session/kept/kept-session.ts';
import type { Outcome } from '../session/outcome.ts';
import { NetPool, type NetPoolOptions } from '../session/pool/net-pool.ts';
import { type AlarmObserver, Desk, type Observer } from './desk.ts';
import { Narrator } from './narrator.ts';

const channels = [{ name: 'level', unit: 'm' }];
const monitor = { warmUp: 10, holdOff: 0 };
const model = writeModel(nextReadingModel({ channels, neurons: 20, rangeWarmUp: 10, monitor }));

let desk: Desk;
let told: string[];
let time: number;

function open(options: NetPoolOptions = {}, bytes = model): void {
  const clock = () => 1000 * time;
  const opened = new Desk(new NetPool(bytes, inProcess(referenceEngine), { clock, ...options }), {});
  desk = opened;
  const narrator = new Narrator(opened, (line, kind) => told.push(`${kind}: ${line}`));
  closers.push(async () => {
    narrator.close();
    opened.close();
    await opened.pool.close();
  });
}

let closers: (() => Promise<void>)[];
beforeEach(() => {
  [told, time, closers] = [[], 0, []];
  open();
});
afterEach(async () => {
  for (const close of closers) await close();
});

/** One reading each so many milliseconds. */
async function feed(count: number, interval: number, value = (k: number) => Math.sin(k / 5), key = 'hall') {
  for (let k = 0; k < count; k++) {
    await desk.feed(key, { time, values: Float64Array.of(value(k)) });
    time += interval;
  }
}

/** What a narrator listens to at a desk. */
function stubbed() {
  const heard: { answer?: Observer; fall?: AlarmObserver } = {};
  const stub = {
    observe: (observer: Observer) => Object.assign(heard, { answer: observer }),
    observeGathering: () => {},
    observeAlarms: (observer: AlarmObserver) => Object.assign(heard, { fall: observer }),
  };
  new Narrator(stub as unknown as Desk, (line, kind) => told.push(`${kind}: ${line}`));
  return heard as Required<typeof heard>;
}

describe('what nets live through', () => {
  it('is that a warm-up was asked for that the net does not need, once', async () => {
    const bytes = writeModel(classifierModel({ channels, neurons: 20, standardise: { mean: 0, deviation: 1 } }));
    open({ warmUp: 48 }, bytes);
    await feed(5, 1000);
    const line = 'warm-up: hall: --warm-up has no effect: the net already knows what is usual';
    expect(told.filter((each) => each.startsWith('warm-up'))).toEqual([line]);
  });

  it('is how long the warm-up of a slow stream takes, by its rate, and its end', async () => {
    await feed(19, 60_000);
    expect(told).toEqual([
      'warm-up: hall: warming up, 4 of 20 readings: about 16 min left at one every 60 s',
      'warm-up: hall: warming up, 5 of 20 readings: about 15 min left at one every 60 s',
      'warm-up: hall: warming up, 10 of 20 readings: about 10 min left at one every 60 s',
      'warm-up: hall: warming up, 15 of 20 readings: about 5 min left at one every 60 s',
    ]);
    await feed(40, 60_000);
    expect(told.slice(4).filter((line) => line.startsWith('warm-up'))).toEqual([
      expect.stringMatching(/^warm-up: hall: warm-up done with reading 2\d: the net knows what is usual$/),
    ]);
  });

  it('is how long the first answer takes whose features gather readings, and nothing of those behind it', async () => {
    const [level] = featureCandidates({ block: 1 });
    const features = level!.stages;
    open({}, writeModel(classifierModel({ channels, labels: ['a'], features, neurons: 20 })));
    await feed(300, 10_000);
    const line = (done: number, left: string) =>
      `gathering: hall: ${done} of the 24 readings that the first answer needs: about ${left} left at one every 10 s`;
    expect(told).toEqual([line(3, '3.5 min'), line(6, '3 min'), line(12, '2 min'), line(18, '60 s')]);
  });

  it('is nothing but the end of it where that is soon', async () => {
    await feed(20, 10);
    expect(told).toEqual([expect.stringContaining('warm-up done')]);
  });

  it('is what is unusual, once, and that it is normal again', () => {
    const { answer } = stubbed();
    const kept = { session: { monitors: { hold: true } } } as KeptSession;
    const rows = [
      { anomaly: false, alarm: false },
      { anomaly: true, alarm: true },
      { anomaly: true, alarm: false },
      { anomaly: true, alarm: true },
      { anomaly: false, alarm: false },
      { anomaly: true, alarm: false },
      { anomaly: false, alarm: false },
      { anomaly: true, alarm: true },
    ];
    for (const [k, row] of rows.entries()) {
      const verdict = { score: 1, ...row };
      const verdicts = row.anomaly ? [{ monitor: 'drift', title: 'slow drift', ...verdict, reason: 'moved' }] : [];
      answer('hall', kept, { sequence: 400 + k, warmUp: { done: 1, of: 1 }, verdict, verdicts } as unknown as Outcome);
    }
    expect(told).toEqual([
      'unusual: hall: unusual: reading 401: slow drift (drift): moved; the net does not learn from it',
      'unusual: hall: normal again: reading 404',
      'unusual: hall: unusual: reading 407: slow drift (drift): moved; the net does not learn from it',
    ]);
  });

  it('is a silent sensor, once, and its return', () => {
    const { fall, answer } = stubbed();
    const silence = { monitor: 'silence', score: 3, anomaly: true, alarm: true, reason: 'no reading for 3.2 s' };
    for (let k = 0; k < 3; k++) fall('', 411, [silence] as unknown as Parameters<AlarmObserver>[2]);
    const outcome = { sequence: 412, warmUp: { done: 1, of: 1 }, verdicts: [] };
    const kept = { session: {} } as KeptSession;
    for (let k = 0; k < 3; k++) answer('', kept, { ...outcome, sequence: 412 + k } as unknown as Outcome);
    expect(told).toEqual([
      'silent: silent: no reading for 3.2 s',
      'silent: readings arrive again, from reading 412 on',
    ]);
  });

  it('is the first save', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-narrator-'));
    open({ directory });
    closers.push(() => rm(directory, { recursive: true }));
    await feed(2, 10);
    for (let k = 0; k < 2; k++) {
      await desk.command('hall', 'save');
      await feed(1, 10);
    }
    expect(told.filter((line) => line.startsWith('saved'))).toEqual([
      'saved: hall: saved after 2 readings (later saves are not logged)',
    ]);
  });
});
