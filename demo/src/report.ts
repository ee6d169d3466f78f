import type { ComparedScore } from './comparisons.ts';
import type { DemoSummary } from './demo.ts';
import type { Score } from './scorecard.ts';
import type { NodeRedDemoSummary, ReplaySummary } from './summary.ts';

/** Columns of a narrow terminal, which the summary fits into. */
const WIDTH = 80;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const number = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const percent = (share: number, digits: number) => number(100 * share, digits);

/** One line per figure of the comparison: its name, and how it is written. */
const rows: readonly (readonly [string, (score: Score, complete: boolean) => string])[] = [
  ['events found', ({ found, events }) => `${found}/${events}`],
  ['  after so many readings', ({ delays }) => (delays.length === 0 ? '–' : delays.join(','))],
  ['false-alarm episodes', ({ falseEpisodes }) => String(falseEpisodes)],
  ['readings flagged, %', ({ flagged }) => percent(flagged, 2)],
  ['prediction error, °C', ({ temperatureError }) => number(temperatureError, 3)],
  ['  and of humidity, %', ({ humidityError }) => number(humidityError, 3)],
  ['moved sensor quiet after', formatQuietAfter],
];

/** A replay that was stopped does not know of never. */
function formatQuietAfter({ quietAfter }: Score, complete: boolean): string {
  if (quietAfter !== null) return String(quietAfter);
  return complete ? 'never' : '–';
}

/** The summary for people. */
export function formatSummary(summary: DemoSummary): string {
  const compared = [
    summary.learning,
    ...(summary.frozen === undefined ? [] : [summary.frozen]),
    ...(summary.baselines ?? []),
  ];
  return paragraphs(formatScores(compared, summary.complete), wrap(formatMachine(summary)), wrap(formatTruth(summary)));
}

/** The summary of the flow, for people. */
export function formatNodeRedSummary(summary: NodeRedDemoSummary): string {
  return paragraphs(formatScores([summary.learning], summary.complete), wrap(formatFlow(summary)));
}

function paragraphs(...texts: readonly (readonly string[])[]): string {
  return texts.map((lines) => `\n${lines.join('\n')}`).join('\n');
}

function formatFlow({ nodeRed, complete, notScored, ...summary }: NodeRedDemoSummary): string[] {
  return [
    `MQTT in to MQTT out through Node-RED ${nodeRed.version}: ${formatLatency(summary)}`,
    `work per reading: ${number(summary.spikesPerReading, 0)} spikes; ` +
      `${number(summary.networkBytes / 1024, 1)} KiB a net; ${summary.saves} saves`,
    ...formatMonitor(summary),
    ...(notScored === 0 ? [] : [`not scored: ${notScored} readings, whose predictions were not heard`]),
    complete
      ? 'All of it is from the messages that the flow published. ' +
        'The same net and seed without Node-RED: the same demo without --node-red.'
      : STOPPED,
  ];
}

const STOPPED = 'The replay was stopped. Start the demo again and it continues from what it had learned.';

function formatLatency({ latencyMs: { p50, p99, answers, underWay } }: Pick<ReplaySummary, 'latencyMs'>): string {
  return (
    `p50 ${number(p50, 2)} ms, p99 ${number(p99, 2)} ms over ${answers} answers, ` +
    `up to ${underWay} under way at once`
  );
}

type Settings = Pick<ReplaySummary, 'sensitivity' | 'holdOff' | 'resumedAt'>;

function formatMonitor({ sensitivity, holdOff, resumedAt }: Settings): string[] {
  return [
    `flagged: errors above ${sensitivity} times their range; an alarm ends after ${holdOff} quiet readings`,
    ...(resumedAt === 0
      ? []
      : [`resumed: ${resumedAt} readings were learned and counted by an earlier run, with its settings`]),
  ];
}

function formatScores(compared: readonly ComparedScore[], complete: boolean): string[] {
  const label = Math.max(...rows.map(([name]) => name.length));
  const letters = compared.map((_, k) => String.fromCharCode(65 + k));
  const cells = rows.map(([, write]) => compared.map(({ score }) => write(score, complete)));
  const widths = compared.map((_, k) => Math.max(...cells.map((row) => row[k]!.length)));
  const line = (name: string, values: readonly string[]) =>
    `${name.padEnd(label)}  ${values.map((value, k) => value.padStart(widths[k]!)).join('  ')}`;
  return [
    ...compared.map(({ name }, k) => `${letters[k]}  ${name}`),
    '',
    line('', letters),
    ...rows.map(([name], r) => line(name, cells[r]!)),
  ];
}

function formatMachine({ memory, saves, messages, model, ...summary }: DemoSummary): string[] {
  const { received, published, bad, dropped } = messages;
  return [
    `MQTT in to MQTT out: ${formatLatency(summary)}`,
    `work per reading: ${number(summary.spikesPerReading, 0)} spikes, ` +
      `${number(summary.synapticOperationsPerReading, 0)} synaptic operations, int8, ${model.neurons} neurons a net`,
    `memory: ${megabytes(memory.residentBytes)} for the process with broker and page, ` +
      `${number(memory.networkBytes / 1024, 1)} KiB a net`,
    `kept: ${saves.count} saves, ${megabytes(saves.bytes)} written in this run`,
    `messages: ${received} in, ${published} out, ${bad} bad, ${dropped} dropped`,
    ...formatMonitor(summary),
  ];
}

/** What the figures say, no more. */
function formatTruth({ learning, frozen, baselines, complete }: DemoSummary): string[] {
  if (!complete) return [STOPPED];
  if (frozen === undefined) return ['The comparison was stopped.'];
  const mine = learning.score;
  const names = (compared: readonly ComparedScore[]) => compared.map(({ name }) => name).join('; ');
  const rivals = (baselines ?? []).filter(
    ({ score }) => score.found >= mine.found && score.falseEpisodes <= mine.falseEpisodes,
  );
  const sharper = (baselines ?? []).filter(({ score }) => score.temperatureError < mine.temperatureError);
  return [
    ...(baselines === undefined ? ['(The simple detectors come with @spikewire/trainer.)'] : []),
    ...(rivals.length === 0 ? [] : [`As good or better at detecting on these labels: ${names(rivals)}.`]),
    ...(sharper.length === 0 ? [] : [`Better at predicting temperature: ${names(sharper)}.`]),
    'So this shows no better detection. It shows learning that stays on the device and survives a power failure: ' +
      `frozen after its warm-up the same net flags ${percent(frozen.score.flagged, 1)} % of the readings, ` +
      `learning ${percent(mine.flagged, 2)} %. ` +
      'Kill it (SIGKILL) while it runs, start it again, ' +
      'and it continues from its last save, which is at most some seconds old.',
  ];
}

function wrap(texts: readonly string[]): string[] {
  return texts.flatMap(wrapLine);
}

function wrapLine(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
