import { join } from 'node:path';
import type { Report } from '@spikewire/exchange/report';
import { SpikewireError } from '@spikewire/models';
import { alarmsOf, thresholdsOf } from '../anomalies/alarms.ts';
import { type Compared, compare, documentOf, shown } from '../anomalies/compare.ts';
import { anomalyBaselines, ours } from '../anomalies/detectors.ts';
import { type HeldOut, heldOut } from '../anomalies/halves.ts';
import { nabProfiles, nabScore, probationOf, tally, type Window } from '../anomalies/nab-score.ts';
import { type NamedColumns, numbersOf, readTable, tablesIn } from '../files/csv.ts';
import { bytesOf } from '../files/folder.ts';
import type { Task } from '../stream-eval/task.ts';

interface Series {
  readonly rows: readonly Float64Array[];
  readonly windows: readonly Window[];
}

/** How long no alarm follows another: NAB's contestants take a share of the file, whose length no stream tells. */
const refractories: readonly (readonly [string, (series: Series) => number])[] = [
  ['probation / 5', ({ rows }) => Math.floor(probationOf(rows.length) / 5)],
  ['60 readings', () => 60],
];
const profiles = [
  ['standard', nabProfiles.standard],
  ['low FP', nabProfiles.lowFalsePositives],
] as const;

/** Of all 58 files, as their authors published them (results/final_results.json of the benchmark). */
const published = [
  ['ARTime', 74.9, 65.2],
  ['HTM (Numenta)', 70.1, 63.1],
  ['ContextOSE', 69.9, 67.0],
  ['KNN-CAD', 58.0, 43.4],
  ['windowed Gaussian', 39.6, 20.9],
] as const;

/** Numenta Anomaly Benchmark: one number a reading, no labels ever given, scored by how early a window is found. */
export const nab: Task = {
  name: 'nab',
  summary: 'anomalies of servers, traffic and tweets, scored by the Numenta Anomaly Benchmark (Lavin and Ahmad 2015)',
  data: 'nab',

  async evaluate(folder, options): Promise<Report> {
    const series = await readSeries(folder);
    const compared = await compare([...ours, ...anomalyBaselines], series, options, (scores) =>
      figuresOf(series, scores),
    );
    return outcomeOf(series, compared);
  },
};

/** By refractory period and profile. */
function figuresOf(series: readonly Series[], scores: readonly Float64Array[]): Record<string, HeldOut> {
  const thresholds = thresholdsOf(scores.map((each) => each.subarray(probationOf(each.length))));
  const figures: Record<string, HeldOut> = {};
  for (const [key, refractory] of refractories) {
    const tallies = thresholds.map((threshold) =>
      series.map((each, file) => {
        return tally(each.rows.length, each.windows, alarmsOf(scores[file]!, threshold, refractory(each)));
      }),
    );
    for (const [profile, weights] of profiles) {
      figures[`${profile}, ${key}`] = heldOut(series.length, thresholds.length, (setting, files) => {
        return nabScore(
          files.map((file) => tallies[setting]![file]!),
          weights,
        );
      });
    }
  }
  return figures;
}

function outcomeOf(series: readonly Series[], compared: readonly Compared[]): Report {
  const windows = series.reduce((sum, each) => sum + each.windows.length, 0);
  const keys = Object.keys(compared[0]!.figures);
  const [standard, low] = keys;
  const rows = compared.map(({ detector, figures }) => [
    detector,
    ...keys.map((key) => shown(figures[key]!, 1)),
    figures[standard!]!.inSample.toFixed(1),
  ]);
  const others = published.map(([name, ...scores]) => {
    const cells = keys.map((key) => (key === standard ? scores[0] : key === low ? scores[1] : undefined));
    return [`published, on all 58 files: ${name}`, ...cells.map((cell) => cell?.toFixed(1) ?? ''), ''];
  });
  return {
    document: { files: series.length, windows, detectors: documentOf(compared, 2) },
    tables: [
      {
        title:
          `NAB, ${series.length} files with ${windows} windows: ` +
          'threshold from one half of the files, scored on the other, mean ± deviation of 200 halvings',
        head: ['detector', ...keys, 'in sample'],
        rows: [...rows, ...others],
      },
    ],
    charts: [],
  };
}

/** Every file of data/ that labels/combined_windows.json names. */
async function readSeries(folder: string): Promise<Series[]> {
  const labels = join(folder, 'labels', 'combined_windows.json');
  const windows = parseLabels(labels, (await bytesOf(labels)).toString('utf8'));
  const series: Series[] = [];
  for (const path of await tablesIn(join(folder, 'data'))) {
    const name = path.replace(/\.gz$/, '').split('/').slice(-2).join('/');
    if (windows.has(name)) series.push(seriesOf(await readTable(path, ','), windows.get(name)!));
  }
  if (series.length > 3) return series;
  throw new SpikewireError('file', folder, `has ${series.length} series with labels`, 'at least four, in data/');
}

function parseLabels(path: string, text: string): Map<string, readonly (readonly [string, string])[]> {
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, readonly (readonly [string, string])[]>));
  } catch (cause) {
    throw new SpikewireError('file', path, `is damaged (${(cause as Error).message})`, 'windows by file', cause);
  }
}

function seriesOf(table: NamedColumns, labelled: readonly (readonly [string, string])[]): Series {
  const rows = numbersOf(table, ['value']);
  const indices = new Map<string, number>();
  for (const [at, [time]] of table.lines.entries()) if (!indices.has(time!)) indices.set(time!, at);
  const windows = labelled.map((ends): Window => {
    const [first, last] = ends.map((end) => indices.get(end.slice(0, 'yyyy-mm-dd hh:mm:ss'.length)));
    if (first !== undefined && last !== undefined && first <= last) return [first, last];
    throw new SpikewireError('file', table.path, `has no readings at ${ends.join(' and ')}`, 'the ends of a window');
  });
  return { rows, windows };
}
