import { percent, type Report, type Table } from '@spikewire/exchange/report';
import type { JsonValue } from '@spikewire/models';
import { type ClassOutcome, GAIN, type RecordingsOutcome, WIDTH } from './outcome.ts';
import type { DividedWindows } from './read-windows.ts';
import { wilson } from './wilson.ts';

/** What an evaluation says besides. */
export interface Besides {
  /** Test windows that look like no class. */
  readonly unknown: number;
  /** Accuracy of the output that was trained, where another stands in its place. */
  readonly trained?: number;
}

/** What a training on recordings came to, for programs and for people. */
export function recordingsReport(
  outcome: RecordingsOutcome,
  divided: DividedWindows,
  besides: Besides = { unknown: 0 },
): Report {
  return {
    document: JSON.parse(JSON.stringify({ ...outcome, split: divided.choice.split })) as Record<string, JsonValue>,
    tables: [
      accuracyTable(outcome, divided, besides),
      confusionTable(outcome),
      examplesTable(outcome),
      needsTable(outcome),
    ],
    charts: [
      {
        title: 'What the logistic regression gained by more examples',
        axis: 'windows learned',
        curves: [
          { name: 'accuracy, %', points: outcome.curve.map(({ learned, accuracy }) => [learned, 100 * accuracy]) },
        ],
      },
    ],
  };
}

function accuracyTable(outcome: RecordingsOutcome, divided: DividedWindows, { unknown, trained }: Besides): Table {
  const { accuracy, tested, testRecordings, baselines, majority } = outcome;
  const { low, high } = wilson(accuracy, testRecordings);
  const row = (name: string, share: number) => [name, percent(share), ''];
  return {
    title: 'Accuracy',
    note: `On ${tested} windows of ${testRecordings} recordings; ${sidesOf(divided)}`,
    head: ['', 'right', '95 % interval'],
    rows: [
      ['this net', percent(accuracy), `${percent(low)} to ${percent(high)}`],
      ...(trained === undefined ? [] : [row('its output as trained', trained)]),
      row('what it calls "unknown"', unknown / tested),
      ...baselines.map((baseline) => row(baseline.name, baseline.accuracy)),
      row('always the most frequent class', majority),
    ],
  };
}

function sidesOf({ windows: { recordings, sources }, parts, choice: { split } }: DividedWindows): string {
  if (split === 'window') return 'other windows of the same recordings were learned, so new recordings will do worse.';
  if (split === 'recording') return 'nothing of these recordings was learned.';
  const groups = new Set(parts.tested.map((k) => recordings[sources[k]!]!.group));
  return `nothing of these groups was learned: ${[...groups].join(', ')}.`;
}

function confusionTable({ classes, confusion }: RecordingsOutcome): Table {
  return {
    title: 'Confusion',
    note: 'Test windows: a row for what was shown, a column for what was named.',
    head: ['', ...classes.map(({ name }) => name), 'right'],
    rows: classes.map(({ name, recall }, c) => [name, ...confusion[c]!.map(String), percent(recall)]),
  };
}

function examplesTable({ classes }: RecordingsOutcome): Table {
  return {
    title: 'Examples',
    head: ['', 'recordings', 'windows learned', 'chose the epoch', 'tested'],
    rows: classes.map(({ name, ...counts }) => [
      name,
      ...[counts.recordings, counts.learned, counts.validation, counts.tested].map(String),
    ]),
  };
}

function needsTable({ classes }: RecordingsOutcome): Table {
  return {
    title: 'What it would need',
    note:
      `To know: recordings until the 95 % interval (Wilson 1927, windows of one recording count as one) is within ` +
      `${100 * WIDTH} points. ` +
      `To learn: as many again where a logistic regression gained ${100 * GAIN} points or more ` +
      'by the second half of them.',
    head: ['', 'right', '95 % interval', 'gained', 'more to know', 'more to learn'],
    rows: classes.map(needRow),
  };
}

function needRow({ name, recall, low, high, gain, moreToKnow, moreToLearn }: ClassOutcome): string[] {
  const more = (count: number) => (count === 0 ? 'none' : `${count} recordings`);
  const interval = `${percent(low)} to ${percent(high)}`;
  return [name, percent(recall), interval, `${(100 * gain).toFixed(1)} points`, more(moreToKnow), more(moreToLearn)];
}
