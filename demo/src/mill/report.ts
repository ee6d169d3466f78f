import type { MillScore, MillSummary } from './demo.ts';

/** What is said at the end, for people. */
export function formatMillSummary({ complete, blocks, labels, taught, frozen }: MillSummary): string {
  const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);
  const row = (name: string, { right, course }: MillScore) =>
    `  ${name.padEnd(8)} ${percent(right).padStart(7)}   ` +
    `${course.map((share) => percent(share).padStart(7)).join(' ')}`;
  return [
    `${blocks} blocks${complete ? '' : ', stopped early'}, ${labels} of them labelled; right answers of all blocks:`,
    '             drift   by stretches of 60 blocks; from block 120 to 220 speed, resonance, sensor and noise drift',
    row('taught', taught),
    row('frozen', frozen),
  ].join('\n');
}
