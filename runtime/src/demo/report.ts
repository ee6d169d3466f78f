import type { ComparedScore } from './comparisons.ts';
import type { DemoSummary } from './demo.ts';
import type { Score } from './scorecard.ts';

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const number = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

/** One line per figure of the comparison: its name, and how it is written. */
const rows: readonly (readonly [string, (score: Score) => string])[] = [
  ['events found', ({ found, events }) => `${found} of ${events}`],
  ['delay (readings)', ({ delays }) => (delays.length === 0 ? '–' : delays.join(', '))],
  ['false-alarm episodes', ({ falseEpisodes }) => String(falseEpisodes)],
  ['readings flagged', ({ flagged }) => `${number(100 * flagged, 2)} %`],
  ['prediction error, temperature', ({ temperatureError }) => `${number(temperatureError, 3)} °C`],
  ['prediction error, humidity', ({ humidityError }) => `${number(humidityError, 3)} %`],
  ['moved sensor quiet after (readings)', ({ quietAfter }) => (quietAfter === null ? 'never' : String(quietAfter))],
];

/** The summary for people. */
export function formatSummary(summary: DemoSummary): string {
  const compared = [summary.learning, ...(summary.frozen === undefined ? [] : [summary.frozen]), ...(summary.baselines ?? [])];
  return [
    '',
    ...formatScores(compared),
    '',
    ...(summary.baselines === undefined && summary.complete ? ['(the simple detectors come with @spikewire/trainer)', ''] : []),
    ...formatMachine(summary),
    '',
    ...formatTruth(summary),
  ].join('\n');
}

function formatScores(compared: readonly ComparedScore[]): string[] {
  const label = Math.max(...rows.map(([name]) => name.length));
  const letters = compared.map((_, k) => String.fromCharCode(65 + k));
  const cells = rows.map(([, write]) => compared.map(({ score }) => write(score)));
  const widths = compared.map((_, k) => Math.max(...cells.map((row) => row[k]!.length)));
  const line = (name: string, values: readonly string[]) => `${name.padEnd(label)}  ${values.map((value, k) => value.padStart(widths[k]!)).join('   ')}`;
  return [
    ...compared.map(({ name }, k) => `${letters[k]}  ${name}`),
    '',
    line('', letters),
    ...rows.map(([name], r) => line(name, cells[r]!)),
  ];
}

function formatMachine({ latencyMs, spikesPerReading, synapticOperationsPerReading, memory, saves, messages, model }: DemoSummary): string[] {
  return [
    `MQTT in to MQTT out: p50 ${number(latencyMs.p50, 2)} ms, p99 ${number(latencyMs.p99, 2)} ms over ${latencyMs.answers} answers`,
    `work: ${number(spikesPerReading, 0)} spikes and ${number(synapticOperationsPerReading, 0)} synaptic operations per reading, int8, ${model.neurons} neurons a net`,
    `memory: ${megabytes(memory.residentBytes)} for the whole process with broker and page, ${number(memory.networkBytes / 1024, 1)} KiB a net`,
    `kept: ${saves.count} saves, ${megabytes(saves.bytes)} written; messages: ${messages.received} in, ${messages.published} out, ${messages.bad} bad, ${messages.dropped} dropped`,
  ];
}

/** What the figures say, no more. */
function formatTruth({ learning, frozen, baselines = [], complete }: DemoSummary): string[] {
  if (!complete || frozen === undefined) return ['The replay was stopped. Start the demo again and it goes on from what was saved.'];
  const mine = learning.score;
  const rivals = baselines.filter(({ score }) => score.found >= mine.found && score.falseEpisodes <= mine.falseEpisodes);
  const sharper = baselines.filter(({ score }) => score.temperatureError < mine.temperatureError);
  return [
    ...(rivals.length === 0 ? [] : [`As good or better at detecting on these labels: ${rivals.map(({ name }) => name).join('; ')}.`]),
    ...(sharper.length === 0 ? [] : [`Better at predicting temperature: ${sharper.map(({ name }) => name).join('; ')}.`]),
    'So this is no claim of better detection. What it shows is learning that stays on the device and survives a power',
    `failure: frozen, the same net flags ${number(100 * frozen.score.flagged, 1)} % of all readings; learning, ${number(100 * mine.flagged, 2)} %. Kill it (SIGKILL) at any`,
    'moment, start it again, and it goes on from what it had learned.',
  ];
}
