import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DeviceCounts, evidenceOf, isJudging } from './evidence.ts';

const GATES = { abortMargin: 0.005, goMargin: 0.02 };

/** All outcomes of so many labels of a machine, each with its probability. */
function outcomes(labelled: number, shares: { readonly lost: number; readonly gained: number; readonly both: number }) {
  const { lost, gained, both } = shares;
  const differing = lost + gained + both;
  const found: { readonly counts: DeviceCounts; readonly probability: number }[] = [];
  for (let l = 0; l <= labelled; l++) {
    for (let g = 0; g <= labelled - l; g++) {
      const ways = binomial(labelled, l) * binomial(labelled - l, g);
      const probability = (ways * lost ** l * gained ** g * both ** (labelled - l - g)) / differing ** labelled;
      const counts = { compared: 1000, differed: Math.round(1000 * differing), labelled, gained: g, lost: l };
      found.push({ counts, probability });
    }
  }
  return found;
}

function binomial(n: number, k: number): number {
  return k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k;
}

/** The mean of both e-values over all outcomes of two machines. */
function means(a: ReturnType<typeof outcomes>, b: ReturnType<typeof outcomes>) {
  const sum = { worse: 0, notWorse: 0 };
  for (const first of a) {
    for (const second of b) {
      const { worse, notWorse } = evidenceOf([first.counts, second.counts], GATES);
      sum.worse += first.probability * second.probability * worse;
      sum.notWorse += first.probability * second.probability * notWorse;
    }
  }
  return sum;
}

it('wins nothing in mean where the new base loses just the margin, however often the bases differ', () => {
  const atAbort = [
    outcomes(4, { lost: 0.01, gained: 0.005, both: 0.005 }),
    outcomes(4, { lost: 0.02, gained: 0.015, both: 0.005 }),
  ];
  expect(means(atAbort[0]!, atAbort[1]!).worse).toBeCloseTo(1, 10);
  const atGo = [outcomes(4, { lost: 0.02, gained: 0, both: 0.01 }), outcomes(4, { lost: 0.03, gained: 0.01, both: 0 })];
  expect(means(atGo[0]!, atGo[1]!).notWorse).toBeCloseTo(1, 10);
});

it('loses the stakes that a machine with many differences could not pay', () => {
  const [rarely, often] = [
    { lost: 0.01, gained: 0.005, both: 0.005 },
    { lost: 0.205, gained: 0.2, both: 0.095 },
  ];
  // Of the seven stakes those of 2 and more are lost at a share of one half.
  expect(means(outcomes(4, rarely), outcomes(4, often)).worse).toBeCloseTo(3 / 7, 10);
});

it('wins less in mean where one machine has more labels than count', () => {
  const shares = { lost: 0.045, gained: 0.04, both: 0.015 };
  expect(means(outcomes(9, shares), outcomes(1, shares)).worse).toBeLessThan(1);
});

it('finds a base that is ruined on a tenth of the machines, where most labels come from the others', () => {
  const good = { compared: 5000, differed: 400, labelled: 40, gained: 16, lost: 16 };
  const ruined = { compared: 5000, differed: 2500, labelled: 40, gained: 1, lost: 36 };
  const machines = Array.from({ length: 100 }, (_, k) => (k < 10 ? ruined : good));
  expect(evidenceOf(machines, GATES).worse).toBeGreaterThan(100);
  expect(evidenceOf(machines.slice(10), GATES).worse).toBeLessThan(1);
});

it('lets no machine that claims to have a billion labels call a bad base good', () => {
  const worse = { compared: 5000, differed: 500, labelled: 20, gained: 4, lost: 14 };
  const claims = { compared: 1e9, differed: 1e9, labelled: 1e9, gained: 1e9, lost: 0 };
  const machines = [...Array.from({ length: 200 }, () => worse), claims];
  expect(evidenceOf(machines, GATES).notWorse).toBeLessThan(1);
  expect(evidenceOf(machines, GATES).worse).toBeGreaterThan(100);
});

it('does not hear the one of 50 devices that speaks loudest', () => {
  const worse = { compared: 5000, differed: 400, labelled: 40, gained: 13, lost: 25 };
  const lies = { compared: 5000, differed: 4900, labelled: 80, gained: 80, lost: 0 };
  const machines = [...Array.from({ length: 50 }, () => worse), lies];
  expect(evidenceOf(machines, GATES).notWorse).toBeLessThan(1);
  const good = { compared: 5000, differed: 400, labelled: 40, gained: 16, lost: 16 };
  const claims = { ...lies, gained: 0, lost: 80 };
  expect(evidenceOf([...Array.from({ length: 50 }, () => good), claims], GATES).worse).toBeLessThan(1);
});

it('is 1 without labels, and always a number from 0 on', () => {
  expect(evidenceOf([], GATES)).toEqual({ worse: 1, notWorse: 1 });
  const machine = fc
    .tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(100_000))
    .map(([lost, gained, both, unlabelled, agreed]): DeviceCounts => {
      const labelled = lost + gained + both;
      return { compared: labelled + unlabelled + agreed, differed: labelled + unlabelled, labelled, gained, lost };
    });
  fc.assert(
    fc.property(fc.array(machine, { maxLength: 20 }), (machines) => {
      const { worse, notWorse } = evidenceOf(machines, GATES);
      expect(worse).toBeGreaterThanOrEqual(0);
      expect(notWorse).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(worse) && Number.isFinite(notWorse)).toBe(true);
    }),
  );
});

it('counts no machine before its bases have answered 50 readings', () => {
  const counts = { compared: 49, differed: 20, labelled: 10, gained: 0, lost: 10 };
  expect(isJudging(counts)).toBe(false);
  expect(isJudging({ ...counts, compared: 50 })).toBe(true);
  expect(isJudging({ ...counts, compared: 50, labelled: 0 })).toBe(false);
});
