import { percent } from '@spikewire/exchange/report';
import { type JsonValue, SpikewireError } from '@spikewire/models';
import { type CommandConsole, formatTable } from 'spikewire/cli';
import type { TrialOutcome, TrialResult } from 'spikewire/trials';
import type { Point } from './grid.ts';

type Figures = Readonly<Record<string, JsonValue>>;

/** The best by validation first; of equals, the first of the grid. */
export function ordered(outcomes: readonly TrialOutcome[]): TrialOutcome[] {
  const validation = ({ figures }: TrialOutcome) =>
    figures === undefined ? { loss: 0, worth: -1 } : validated(figures);
  return outcomes.toSorted((a, b) => {
    const [first, second] = [validation(a), validation(b)];
    return second.worth - first.worth || first.loss - second.loss;
  });
}

/** Throws `learning`, once the table is out, where trainings have failed. */
export function sayOutcomes(
  console: CommandConsole,
  points: readonly Point[],
  outcomes: readonly TrialOutcome[],
  lines: readonly string[] = [],
): void {
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  const runs = outcomes.map(({ number, out, machine, figures, problem }) => ({
    chosen: points[number - 1],
    out,
    ...(machine !== undefined && { machine }),
    ...figures,
    ...(figures && { out }),
    ...(problem && { problem }),
  }));
  const missing = points.length - outcomes.length;
  const document = { runs, ...(missing > 0 && { stopped: true, missing }) };
  console.result(document, () => [
    ...tableOf(points, outcomes),
    ...(missing > 0 ? [`stopped; ${missing} of ${points.length} are not done`] : []),
    ...lines,
  ]);
  if (failed.length === 0) return;
  const problem = `${failed.length} of ${points.length} failed, the first: ${failed[0]!.problem}`;
  throw new SpikewireError('learning', 'spikewire train --sweep', problem, 'a model of each');
}

function tableOf(points: readonly Point[], outcomes: readonly TrialOutcome[]): string[] {
  const options = Object.keys(points[0]!);
  const isShared = outcomes.some(({ machine }) => machine !== undefined);
  const header = [...options, 'validation', 'test', 'spikes', 'seconds', 'model', ...(isShared ? ['machine'] : [])];
  const rows = outcomes.map(({ number, out, machine, figures, problem }) => {
    const values = options.map((option) => points[number - 1]![option]!);
    const where = isShared ? [machine!] : [];
    if (figures === undefined) return [...values, '', '', '', '', problem!, ...where];
    const { accuracy, overlap, correlation, spikesPerSample, seconds } = figures as Record<string, number>;
    const numbers = [
      worthOf(figures, validated(figures).worth),
      worthOf(figures, accuracy ?? overlap ?? correlation!),
      spikesPerSample!.toFixed(0),
      seconds!.toFixed(0),
    ];
    return [...values, ...numbers, out, ...where];
  });
  return formatTable(header, rows);
}

export function described(point: Point, { figures, problem }: TrialResult): string {
  const values = Object.entries(point).map(([option, value]) => `${option}=${value}`);
  const said = figures === undefined ? problem! : `validation ${worthOf(figures, validated(figures).worth)}`;
  return [...values, said].join('  ');
}

/** The score that chose a net, whatever it is named. */
function validated({ validation }: Figures): { readonly loss: number; readonly worth: number } {
  const { loss, ...named } = validation as Readonly<Record<string, number>>;
  return { loss: loss!, worth: Object.values(named)[0]! };
}

/** A share of right answers, or the overlap of masks; of other numbers, their correlation with those wanted. */
function worthOf(figures: Figures, worth: number): string {
  return 'accuracy' in figures || 'overlap' in figures ? percent(worth) : worth.toFixed(4);
}
