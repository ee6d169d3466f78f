import { describe, expect, it } from 'vitest';
import { evidenceShare, evidenceText, phaseText, phaseWord, pointsText, shareText } from './rollout-text.ts';

const standing = { phase: 'waves', waves: 2, paused: false, reason: null } as const;

describe('a rollout in words', () => {
  it('names the wave, and that it is paused only while it can go on', () => {
    expect(phaseWord(standing)).toBe('Wave 2');
    expect(phaseWord({ ...standing, paused: true })).toBe('Paused (wave 2)');
    expect(phaseWord({ ...standing, phase: 'done', paused: true })).toBe('Done');
  });

  it('says what an approval would begin', () => {
    const held = { ...standing, phase: 'held', reason: '3 of 9 machines do not report' } as const;
    expect(phaseText({ ...held, waves: 0 }, 3)).toContain('until a person approves the first wave');
    expect(phaseText({ ...held, waves: 1 }, 3)).toContain('approves wave 2. Reason: 3 of 9 machines do not report.');
    expect(phaseText({ ...held, waves: 3 }, 3)).toContain('has to approve the end');
  });

  it('says that a person decides where machines are too few, and who has approved', () => {
    const shadow = { ...standing, phase: 'shadow', waves: 0 } as const;
    expect(phaseText({ ...shadow, machines: 49 }, 3)).toContain('not worse, and a person approves it: fewer than 50');
    expect(phaseText({ ...shadow, machines: 50 }, 3)).toContain('show that it is not worse.');
    expect(phaseText({ ...shadow, phase: 'held', approvals: ['Bob'] }, 3)).toContain('Approved by Bob.');
  });

  it('says why it was stopped', () => {
    const stopped = { ...standing, phase: 'stopped', reason: 'Ada aborted it' } as const;
    expect(phaseText(stopped, 3)).toContain('Reason: Ada aborted it.');
  });
});

describe('evidence', () => {
  // By hand: log 10 / log 100 = 1/2; log 2 / log 16 = 1/4.
  it.each([
    [1, 100, 0],
    [0.3, 100, 0],
    [10, 100, 0.5],
    [2, 16, 0.25],
    [100, 100, 1],
    [Number.MAX_VALUE, 20, 1],
    [Number.NaN, 20, 0],
  ])('of %f is on its way to %f by %f', (evidence, limit, share) => {
    expect(evidenceShare(evidence, limit)).toBeCloseTo(share, 12);
  });

  it('has as many digits as tell something', () => {
    const texts = [0.004, 0.5, 5.43, 1234.5, 1e6, Number.MAX_VALUE].map(evidenceText);
    expect(texts).toEqual(['below 0.01', '0.50', '5.4', '1,235', 'over 1,000,000', 'over 1,000,000']);
  });
});

it('writes shares as people say them', () => {
  expect([0.005, 0.01, 0.02].map(pointsText)).toEqual(['0.5 points', '1 point', '2 points']);
  expect([0.05, 0.123, 1].map(shareText)).toEqual(['5 %', '12.3 %', '100 %']);
});
