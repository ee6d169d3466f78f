import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NEWEST, rightCourse } from './right-answers.ts';

const name = fc.constantFrom('idle', 'milling', 'worn', 'unknown', null);

it('is at each reading the share of the newest known answers that were right', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name), { maxLength: 3 * NEWEST }), (rows) => {
      const [answers, truth] = [0, 1].map((column) => rows.map((row) => row[column]!));
      const course = rightCourse(answers!, truth!);
      expect(course).toHaveLength(rows.length);
      for (const [k, share] of course.entries()) {
        const known = rows.slice(0, k + 1).filter(([answer, was]) => was !== null && answer !== null);
        const newest = known.slice(-60);
        const right = newest.filter(([answer, was]) => answer === was).length;
        if (newest.length < 10 || rows[k]![0] === null) expect(share).toBeNull();
        else expect(share).toBeCloseTo((100 * right) / newest.length, 9);
      }
    }),
  );
});
