import { meanOf, ofNew, ofTrained } from './impossible/measure.mjs';
import { halves, isThere } from './impossible/sets.mjs';

export const title = 'ordinary and impossible samples that lie beyond what a classifier knows, in %';

const LESSONS = [20, 50, 100, 300];

/** Of each set and number of lessons the mean over its divisions; `trained` has the ranges of all that is learned. */
export async function run({ quick = false } = {}) {
  const results = [];
  for (const [half, sets] of Object.entries(halves)) {
    for (const set of sets.filter(isThere)) {
      const divisions = (await set.load()).slice(0, quick ? 1 : undefined);
      const numbers = divisions[0].learned[0].values.length;
      for (const lessons of [...(quick ? [20] : LESSONS), 'trained']) {
        const enough = divisions.filter(({ learned }) => lessons === 'trained' || learned.length >= lessons);
        if (enough.length === 0) continue;
        const found = [];
        for (const [k, division] of enough.entries()) {
          found.push(lessons === 'trained' ? ofTrained(division, k) : ofNew(division, lessons, k));
        }
        results.push({ half, name: set.name, by: set.by, numbers, lessons, ...meanOf(found) });
      }
    }
  }
  return { results };
}

export function table({ results }) {
  const head = '  half    set, apart by               numbers  lessons  overlap  ordinary     far  permuted   zeros\n';
  const percent = (share, width) => (100 * share).toFixed(1).padStart(width);
  const rows = results.map(({ half, name, by = 'chance', numbers, lessons, ...found }) => {
    const set = `  ${half.padEnd(7)} ${`${name}, ${by}`.padEnd(27)} ${String(numbers).padStart(7)}`;
    const shares = [found.overlap, found.ordinary, found.far, found.permuted, found.zeros];
    const widths = [9, 10, 8, 10, 8];
    return `${set} ${String(lessons).padStart(8)}${shares.map((share, k) => percent(share, widths[k])).join('')}\n`;
  });
  return head + rows.join('');
}
