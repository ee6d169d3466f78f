import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceReport } from '../fleet/device-report.ts';
import { LARGEST_REPORT, type MachineReport } from '../fleet/report.ts';
import { NEW_GATE } from '../trial/gate.ts';
import { EMPTY_JOURNAL, type JournalEntry, type Pair } from '../update/journal.ts';
import type { Refusal } from '../update/refusals.ts';
import { machineReport } from './machine-report.ts';

const [A, B] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string];
const WISH = { model: 'pump', channel: 'stable', groups: ['hall'] };
const pairOf = (sha256: string): Pair => ({
  ...{ sha256, digest: sha256, name: 'pump-1', carrying: 'rebase' },
  since: '2026-12-01T00:00:00.000Z',
});
const GATE = { ...NEW_GATE, agreed: 90, differed: 10, answered: 6, gained: 4, lost: 1, same: 55 };
const COUNTS = { compared: 100, differed: 10, labelled: 6, gained: 4, lost: 1 };

function reportOf(entry: Partial<JournalEntry>, problem?: string): MachineReport {
  const updater = { entry: { ...EMPTY_JOURNAL, ...entry }, trial: undefined, problem };
  return machineReport('pump', WISH, updater);
}

function refusal(sha256: string, cause: Refusal['cause'], reason = 'why'): Refusal {
  return { sha256, cause, reason, name: '', time: '', tries: 1, memory: 0, base: null, ways: {} };
}

describe('the report of a machine', () => {
  it('before its first base is whole', () => {
    expect(reportOf({})).toEqual({
      ...{ machine: 'pump', ...WISH, state: 'idle', base: null, former: null, candidate: null, trial: null },
      ...{ refused: [], readings: 0, accuracy: null, lessons: 0, alarms: 0, drift: false, pinned: false },
      ...{ problem: null, unoffered: null },
    });
  });

  it('tells how a candidate compares in each way', () => {
    const candidate = { sha256: B, length: 1, name: 'pump-2', carrying: ['carry', 'reset'] } as const;
    const ends = { reset: { reason: 'too slow', cause: 'machine' } } as const;
    const report = reportOf({
      ...{ state: 'shadow', current: pairOf(A), candidate, gates: { carry: GATE, reset: NEW_GATE }, ends },
      begun: '2026-12-01T00:00:00.000Z',
    });
    const none = { compared: 0, differed: 0, labelled: 0, gained: 0, lost: 0 };
    expect(report.trial).toEqual({
      sha256: B,
      ways: [
        { carrying: 'carry', ...COUNTS, ended: null },
        { carrying: 'reset', ...none, ended: 'too slow' },
      ],
      begun: '2026-12-01T00:00:00.000Z',
    });
  });

  it('tells in a probation how the base compares, in the way in which it was installed', () => {
    const report = reportOf({ state: 'probation', current: pairOf(B), former: pairOf(A), gates: { carry: GATE } });
    expect(report).toMatchObject({
      ...{ former: A, base: { sha256: B, carrying: 'rebase' } },
      trial: { sha256: B, ways: [{ carrying: 'rebase', ...COUNTS, ended: null }] },
    });
  });

  it('leaves out what the controller has stopped itself, and keeps the newest eight', () => {
    const refused = Array.from({ length: 12 }, (_, k) => refusal(`${k}`, k === 5 ? 'controller' : 'model'));
    expect(reportOf({ refused }).refused.map(({ sha256 }) => sha256)).toEqual(
      ['3', '4', '6', '7', '8', '9', '10', '11'], //
    );
  });

  it('has no text that a database or a terminal does not take', () => {
    const hostile = `\0\u001b[31m${'x'.repeat(296)}😀`; // the last character is cut in two
    const { problem, refused } = reportOf({ refused: [refusal(A, 'model', hostile)] }, hostile);
    for (const text of [problem!, refused[0]!.reason]) {
      expect(text).toHaveLength(300);
      expect(text).not.toMatch(/\p{Cc}|\p{Cs}/u);
    }
  });
});

describe('the report of a device', () => {
  it('is never too large, and loses machines last', () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 80 }),
        text,
        fc.integer({ min: 0, max: 12 }),
        (machines, reason, refusals) => {
          const refused = Array.from({ length: refusals }, (_, k) =>
            refusal(`${k}`.padStart(64, '0'), 'model', reason),
          );
          const one = reportOf({ current: pairOf(A), former: pairOf(B), refused }, reason);
          const all = Array.from({ length: machines }, (_, k) => ({ ...one, machine: `machine-${k}` }));
          const report = deviceReport({ version: '1.0.0', memory: 1e9 }, all);
          expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThanOrEqual(LARGEST_REPORT);
          expect(report.machines.length).toBe(Math.min(machines, 64));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('tells of fewer machines where even names are too long', () => {
    const one = machineReport(
      'pump',
      { ...WISH, groups: Array.from({ length: 99 }, () => 'g'.repeat(300)) },
      {
        ...{ entry: EMPTY_JOURNAL, trial: undefined, problem: undefined },
      },
    );
    const report = deviceReport(
      { version: '1.0.0', memory: 1 },
      Array.from({ length: 64 }, () => one),
    );
    expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThanOrEqual(LARGEST_REPORT);
    expect(report.machines.length).toBeGreaterThan(4);
  });
});
