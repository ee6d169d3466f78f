import type { UpdateSummary } from './demo.ts';

/** What is said at the end, for people. */
export function formatUpdateSummary({ complete, readings, v2, v3 }: UpdateSummary): string {
  const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(0)} %`);
  const second = v2.installed
    ? `v2 installed (${v2.learned}): ${percent(v2.rightBefore)} of 100 readings right just before, ` +
      `${percent(v2.rightAfter)} from its first answer on`
    : 'v2 not installed';
  const third = v3.refused
    ? `v3 refused; v2 continues, ${percent(v3.rightAtEnd)} right at the end. Why, by way to install v3:`
    : 'v3 not decided';
  const reasons = v3.reason === null ? [] : v3.reason.split('; ').map((reason) => `    ${reason}`);
  return [`${readings} readings${complete ? '' : ', stopped early'}`, `  ${second}`, `  ${third}`, ...reasons].join(
    '\n',
  );
}
