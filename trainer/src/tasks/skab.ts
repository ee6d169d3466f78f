import { basename } from 'node:path';
import type { Report } from '@spikewire/exchange/report';
import { SpikewireError } from '@spikewire/models';
import { compare, documentOf, shown } from '../anomalies/compare.ts';
import { type Detector, frozenAfter, othersScores } from '../anomalies/detectors.ts';
import { type HeldOut, heldOut } from '../anomalies/halves.ts';
import { type Counts, countsOf, f1Of, falseAlarmsOf } from '../anomalies/point-wise.ts';
import { smoothed } from '../anomalies/smoothed.ts';
import { firstReadingsZ } from '../baselines/first-readings-z.ts';
import { numbersOf, readTable, tablesIn } from '../files/csv.ts';
import type { Task } from '../stream-eval/task.ts';

interface Series {
  readonly rows: readonly Float64Array[];
  /** Whether each reading lies in an anomaly. */
  readonly labels: readonly boolean[];
}

/** Readings of each series that are known to be without anomalies: detectors learn from these alone. */
const LEARNED = 400;
/** Of these, the scores in which a threshold may be looked for. */
const SCORED_FROM = 200;

/** What is chosen on one half of the series: how much a score is smoothed, and a multiple of the highest usual one. */
const settings = [1, 5, 10, 20, 30].flatMap((readings) => [1, 1.25, 1.5, 2, 3].map((factor) => ({ readings, factor })));

const sensors = [
  'Accelerometer1RMS',
  'Accelerometer2RMS',
  'Current',
  'Pressure',
  'Temperature',
  'Thermocouple',
  'Voltage',
  'Volume Flow RateRMS',
];

const detectors: readonly Detector[] = [
  frozenAfter(LEARNED, 'sequence', 4),
  frozenAfter(LEARNED, 'sequence'),
  frozenAfter(LEARNED, 'surprise'),
  frozenAfter(LEARNED, 'extremum'),
  frozenAfter(LEARNED, 'pair-novelty'),
  { name: 'z² by the first readings', isRandom: false, start: (channels) => firstReadingsZ(channels, SCORED_FROM) },
  ...othersScores,
];

/** Skoltech Anomaly Benchmark: a water circuit with eight sensors, each reading labelled. */
export const skab: Task = {
  name: 'skab',
  summary: 'anomalies of a water circuit, F1 over readings (Skoltech Anomaly Benchmark, Katser and Kozitsin 2020)',
  data: 'skab',

  async evaluate(folder, options): Promise<Report> {
    const series = await readSeries(folder);
    const compared = await compare(detectors, series, options, (scores) => ({ F1: figureOf(series, scores) }));
    const always = (from: number) =>
      f1Of(
        series.map(({ labels }) =>
          countsOf(
            labels.map(() => true),
            labels,
            from,
          ),
        ),
      );
    const rounded = (value: number) => Number(value.toFixed(3));
    const [all, late] = [rounded(always(0)), rounded(always(LEARNED))];
    const rows = compared.map(({ detector, figures: { F1 } }) => [
      detector,
      shown(F1!, 3),
      `${(100 * F1!.beside[0]!).toFixed(1)} %`,
      F1!.inSample.toFixed(3),
    ]);
    const title =
      `SKAB, ${series.length} series: smoothing and threshold from one half of them, ` +
      'F1 over the readings of the other, mean ± deviation of 200 halvings';
    return {
      document: {
        series: series.length,
        detectors: documentOf(compared, 3),
        alarmAlways: { all, afterLearning: late },
      },
      tables: [
        {
          title,
          head: ['detector', 'F1', 'false alarms', 'in sample'],
          rows: [
            ...rows,
            ['alarm always', `${all}`, '100 %', `${all}`],
            [`alarm always, after reading ${LEARNED}`, `${late}`, '100 %', `${late}`],
          ],
        },
      ],
      charts: [],
    };
  },
};

function figureOf(series: readonly Series[], scores: readonly Float64Array[]): HeldOut {
  const counts = settings.map(({ readings, factor }) =>
    series.map(({ labels }, k): Counts => {
      const smooth = smoothed(scores[k]!, readings);
      const usual = smooth.slice(SCORED_FROM, LEARNED).sort();
      const limit = factor * usual[Math.floor(0.999 * (usual.length - 1))]!;
      return countsOf(
        Array.from(smooth, (score) => score > limit),
        labels,
      );
    }),
  );
  const chosen = (setting: number, files: readonly number[]) => files.map((file) => counts[setting]![file]!);
  return heldOut(series.length, settings.length, (setting, files) => f1Of(chosen(setting, files)), [
    (setting, files) => falseAlarmsOf(chosen(setting, files)),
  ]);
}

/** All series that have an anomaly; the one without is for those who learn from nothing else. */
async function readSeries(folder: string): Promise<Series[]> {
  const series: Series[] = [];
  for (const path of await tablesIn(folder)) {
    if (basename(path).startsWith('anomaly-free')) continue;
    const table = await readTable(path, ';');
    const labels = numbersOf(table, ['anomaly']).map(([label]) => label === 1);
    if (labels.length > LEARNED) series.push({ rows: numbersOf(table, sensors), labels });
  }
  if (series.length > 3) return series;
  throw new SpikewireError(
    'file',
    folder,
    `has ${series.length} series`,
    `at least four of more than ${LEARNED} readings`,
  );
}
