import type { FleetSummary, RolloutEnd } from './demo.ts';

/** What is said at the end, for people. */
export function formatFleetSummary({ complete, houses, v2, v3 }: FleetSummary): string {
  const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(0)} %`);
  const lines = houses.map(
    ({ name, before, atEnd }) =>
      `  ${name}: ${percent(before)} of 200 readings right with v1, ${percent(atEnd)} at the end`,
  );
  const rollout = (version: string, end: RolloutEnd | null) => {
    if (end === null) return `  ${version}: not begun`;
    const reason = end.reason === null ? '' : `: ${end.reason}`;
    return `  ${version}: ${end.phase}, answered on ${end.exposed} of ${houses.length} devices${reason}`;
  };
  return [complete ? 'Both rollouts ended' : 'Stopped early', ...lines, rollout('v2', v2), rollout('v3', v3)].join(
    '\n',
  );
}
