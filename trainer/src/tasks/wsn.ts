import type { Report } from '@spikewire/exchange/report';
import { SpikewireError } from '@spikewire/models';
import { alarmsOf, thresholdsOf } from '../anomalies/alarms.ts';
import { compare, documentOf, shown } from '../anomalies/compare.ts';
import { anomalyBaselines, ours } from '../anomalies/detectors.ts';
import { type HeldOut, heldOut } from '../anomalies/halves.ts';
import type { Window } from '../anomalies/nab-score.ts';
import { numbersOf, readTable, tablesIn } from '../files/csv.ts';
import type { Task } from '../stream-eval/task.ts';

/** The stream of one mote. */
interface Series {
  readonly rows: readonly Float64Array[];
  readonly events: readonly Window[];
}

/** Five minutes at one reading in five seconds. */
const REFRACTORY = 60;
/** Readings by which nobody is judged. */
const PROBATION = 300;

/** Motes that measure temperature and humidity; somebody poured hot water beside some of them. */
export const wsn: Task = {
  name: 'wsn',
  summary: 'sudden changes of temperature and humidity at sensors, F1 over events (Suthaharan et al. 2010)',
  data: 'wsn',

  async evaluate(folder, options): Promise<Report> {
    const series = await readSeries(folder);
    const compared = await compare([...ours, ...anomalyBaselines], series, options, (scores) => ({
      F1: figureOf(series, scores),
    }));
    const events = series.reduce((sum, each) => sum + each.events.length, 0);
    const title =
      `wsn, ${series.length} motes with ${events} events: threshold from one half of them, ` +
      'F1 over the events of the other, mean ± deviation of 200 halvings';
    const rows = compared.map(({ detector, figures: { F1 } }) => [
      detector,
      shown(F1!, 2),
      F1!.beside[0]!.toFixed(1),
      F1!.inSample.toFixed(2),
    ]);
    return {
      document: { motes: series.length, events, detectors: documentOf(compared, 3) },
      tables: [{ title, head: ['detector', 'F1', 'false alarms per 10,000 readings', 'in sample'], rows }],
      charts: [],
    };
  },
};

interface Tally {
  readonly found: number;
  readonly missed: number;
  readonly falseAlarms: number;
  readonly readings: number;
}

function figureOf(series: readonly Series[], scores: readonly Float64Array[]): HeldOut {
  const thresholds = thresholdsOf(scores.map((each) => each.subarray(PROBATION)));
  const tallies = thresholds.map((threshold) => {
    return series.map((each, k) => tallyOf(each, alarmsOf(scores[k]!, threshold, REFRACTORY)));
  });
  const sum = (setting: number, files: readonly number[], key: keyof Tally) => {
    return files.reduce((total, file) => total + tallies[setting]![file]![key], 0);
  };
  const f1 = (setting: number, files: readonly number[]) => {
    const [found, missed, wrong] = (['found', 'missed', 'falseAlarms'] as const).map((key) => sum(setting, files, key));
    return (2 * found!) / (2 * found! + missed! + wrong! || 1);
  };
  const perTenThousand = (setting: number, files: readonly number[]) => {
    return (10_000 * sum(setting, files, 'falseAlarms')) / sum(setting, files, 'readings');
  };
  return heldOut(series.length, thresholds.length, f1, [perTenThousand]);
}

/** An event is found by an alarm within it. */
function tallyOf({ rows, events }: Series, alarms: readonly number[]): Tally {
  const judged = alarms.filter((at) => at >= PROBATION);
  const within = (at: number, [first, last]: Window) => at >= first && at <= last;
  const found = events.filter((event) => judged.some((at) => within(at, event))).length;
  const falseAlarms = judged.filter((at) => !events.some((event) => within(at, event))).length;
  return { found, missed: events.length - found, falseAlarms, readings: rows.length - PROBATION };
}

/** Each mote of each file, with its runs of labelled readings. */
async function readSeries(folder: string): Promise<Series[]> {
  const series: Series[] = [];
  for (const path of await tablesIn(folder)) {
    const rows = numbersOf(await readTable(path, ','), ['mote_id', 'humidity', 'temperature', 'label']);
    for (const mote of new Set(rows.map(([id]) => id))) {
      const own = rows.filter(([id]) => id === mote);
      const values = own.map(([, humidity, temperature]) => Float64Array.of(humidity!, temperature!));
      series.push({ rows: values, events: runsOf(own.map(([, , , label]) => label === 1)) });
    }
  }
  if (series.length > 3) return series;
  throw new SpikewireError('file', folder, `has ${series.length} motes`, 'at least four');
}

/** First and last index of each run of what is true. */
function runsOf(labels: readonly boolean[]): Window[] {
  const runs: Window[] = [];
  for (const [at, label] of labels.entries()) {
    if (!label) continue;
    const last = runs.at(-1);
    if (last?.[1] === at - 1) runs[runs.length - 1] = [last[0], at];
    else runs.push([at, at]);
  }
  return runs;
}
