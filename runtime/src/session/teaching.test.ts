import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLesson } from './teaching.ts';

describe('lesson', () => {
  it.each([
    [{ label: 'fault' }, { kind: 'label', label: 'fault', time: undefined }],
    [
      { label: 3, t: 99 },
      { kind: 'label', label: '3', time: 99_000 },
    ],
    [{ target: [1, 2] }, { kind: 'target', values: Float64Array.of(1, 2), time: undefined }],
    [
      { reward: -0.5, t: '1970-01-01T00:00:07Z' },
      { kind: 'reward', value: -0.5, time: 7000 },
    ],
    [
      { t: 1_795_777_200_000, error: [0, -1] },
      { kind: 'error', values: Float64Array.of(0, -1), time: 1_795_777_200_000 },
    ],
  ])('takes %j', (message, lesson) => {
    expect(parseLesson(message, 2)).toEqual(lesson);
  });

  it('takes a bare number for one output', () => {
    expect(parseLesson({ target: 4 }, 1)).toEqual({ kind: 'target', values: Float64Array.of(4), time: undefined });
  });

  it.each([
    ['fault', 'is not an object'],
    [{}, 'has keys none; expected one of label, target, error, reward'],
    [{ label: 'a', target: [1, 2] }, 'has keys label, target'],
    [{ label: null }, 'lesson.label: is null'],
    [{ target: [1] }, 'lesson.target: has 1 values; expected 2 finite numbers'],
    [{ error: [1, '2'] }, 'expected 2 finite numbers'],
    [{ label: 'a', t: 'now' }, 'lesson.t: is "now"'],
    [{ reward: 'good' }, 'lesson.reward: is "good"; expected a finite number'],
    [{ constructor: 1 }, 'has keys constructor'],
  ])('refuses %j', (message, problem) => {
    expect(() => parseLesson(message, 2)).toThrow(problem);
  });

  it.each(['label', 'target', 'error', 'reward', 't'])('says in few words what %s is, however large or deep', (key) => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    for (const value of [deep, new Array(100_000).fill('x'), { label: deep }, [deep, 1], [1, 'x'.repeat(1e6)]]) {
      const refused = expect.objectContaining({ code: 'input', message: expect.stringMatching(/^lesson.{0,150}$/) });
      expect(() => parseLesson({ [key]: value }, 2)).toThrow(refused);
    }
  });

  it('gives a lesson of finite numbers or a typed error for any document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('label', 'target', 'error', 'reward', 't'), (value, key) => {
        try {
          const lesson = parseLesson({ [key]: value }, 2);
          if (lesson.kind === 'reward') expect(lesson.value).toSatisfy(Number.isFinite);
          else if (lesson.kind !== 'label') expect(lesson.values.every(Number.isFinite)).toBe(true);
        } catch (problem) {
          expect(problem).toBeInstanceOf(SpikewireError);
          expect((problem as SpikewireError).message).not.toMatch(/\n/);
        }
      }),
    );
  });
});
