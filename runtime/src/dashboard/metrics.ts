import { UPDATE_STATES, type UpdatesStatus, type UpdateTrial } from '../desk/updates.ts';
import type { DashboardCounters, DashboardFrame, DashboardNet, DashboardNetState, DashboardSource } from './source.ts';

type Newest = Pick<DashboardFrame, 'reading' | 'status'>;

/** A number of a metric. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** What it is for a net; NaN where there is none. */
  of(net: DashboardNet, state: DashboardNetState | undefined, newest: Newest | undefined): number | Sample[];
}

/** What is told of each net. */
const METRICS: readonly Metric[] = [
  gauge('unusual', '1 if the newest reading is flagged, or if readings are missing.', (_, state) => state?.anomaly),
  gauge('score', 'How unusual the newest reading is.', (_, __, newest) => newest?.reading.score),
  gauge('limit', 'A score above this is flagged.', (_, __, newest) => newest?.reading.limit),
  gauge('learning', 'Whether the net learns.', (_, state) => state?.learning),
  gauge('warm_up_ratio', 'Completed share of the warm-up.', (_, state) => {
    return state && (state.warmUp.of === 0 ? 1 : state.warmUp.readings / state.warmUp.of);
  }),
  counter('readings_total', 'Readings since the net started.', (_, state) => state?.readings),
  counter('flagged_readings_total', 'Flagged readings since the net started.', (_, state) => state?.flags),
  gauge(
    'learning_error',
    'Size of the error from which the learning rule learns.',
    (_, __, newest) => newest?.reading.error,
  ),
  gauge('spike_rate_hertz', 'Mean firing rate of a neuron.', (_, __, newest) => newest?.reading.rate),
  gauge('latency_seconds', 'Time from a reading to its answer.', (_, __, newest) => {
    return newest && newest.status.latencyMicroseconds / 1e6;
  }),
  gauge('reading_timestamp_seconds', 'Time of the newest reading.', (_, __, newest) => {
    return newest && newest.reading.time / 1000;
  }),
  gauge(
    'saved_timestamp_seconds',
    'Time of the last save; 0 if it was before the start of this process.',
    (_, __, newest) => {
      return newest?.status.saved?.time === undefined ? undefined : newest.status.saved.time / 1000;
    },
  ),
  gauge('store_failing', '1 if learned knowledge is in memory only, because the store fails.', (_, __, newest) => {
    return newest && newest.status.storeProblem !== undefined;
  }),
  gauge(
    'network_bytes',
    'Memory of the net, its features, read-out, lessons and monitors.',
    (_, __, newest) => newest?.status.memory.network,
  ),
  perChannel('value', 'Measured value.', ({ values }) => values),
  perChannel('expected', 'Value that the net expected.', ({ expected }) => expected ?? []),
  {
    name: 'accuracy_ratio',
    type: 'gauge',
    help: 'Share of right answers since the base was set.',
    of: (_, __, newest) =>
      Object.entries(newest?.status.taught?.accuracy ?? {}).map(([by, share]) => ({
        labels: { by },
        value: share ?? Number.NaN,
      })),
  },
  gauge('labels', 'Labels since the base was set.', (_, __, newest) => newest?.status.taught?.labels),
];

/**
 * How all nets are, as text for Prometheus (exposition format 0.0.4). Names begin with `spikewire_` and are listed in
 * docs/page.md; what does not exist is left out.
 */
export function metricsText(source: DashboardSource): string {
  const nets = source.nets().flatMap(({ id }) => {
    const net = source.net(id);
    return net === undefined ? [] : [{ net, state: source.state?.(id), newest: source.newest?.(id) }];
  });
  const perNet = METRICS.map(({ name, type, help, of }) => {
    const samples = nets.flatMap(({ net, state, newest }) => {
      const found = of(net, state, newest);
      const list = typeof found === 'number' ? [{ labels: {}, value: found }] : found;
      return list.map(({ labels, value }) => ({ labels: { net: net.id || net.name, ...labels }, value }));
    });
    return metricLines(name, type, help, samples);
  });
  const counters = nets.flatMap(({ newest }) => newest?.status.counters ?? []);
  const latest = counters.reduce<DashboardCounters | undefined>(
    (most, each) => (most !== undefined && most.received >= each.received ? most : each),
    undefined,
  );
  const updates = updateLines(source.updates?.());
  return `${[...perNet, ...updates, ...processLines(latest)].filter((lines) => lines !== '').join('\n')}\n`;
}

function processLines(latest: DashboardCounters | undefined): string[] {
  const { brokerDropped, spikesSent, spikesLost, ...own } = latest ?? {};
  const spikes = Object.entries({ sent: spikesSent, lost: spikesLost });
  const counters = Object.entries(own).map(([kind, value]) => ({ labels: { kind }, value }));
  return [
    metricLines('messages_total', 'counter', 'Messages of this process.', counters),
    metricLines(
      'spike_output_total',
      'counter',
      'Spikes of a node that were sent with --spikes, and spikes that were lost.',
      spikes.map(([kind, value]) => ({ labels: { kind }, value: value ?? Number.NaN })),
    ),
    metricLines(
      'broker_dropped_total',
      'counter',
      'Messages that the broker dropped, for all clients, if it reports them.',
      [{ labels: {}, value: brokerDropped ?? Number.NaN }],
    ),
    metricLines('resident_bytes', 'gauge', 'Memory of the process.', [
      { labels: {}, value: process.memoryUsage.rss() },
    ]),
  ];
}

/** None where the process follows no repository. */
function updateLines(status: UpdatesStatus | undefined): string[] {
  if (status === undefined) return [];
  const { state, current, trial, readings, questions, refused, pinned } = status;
  const one = (value: number) => [{ labels: {}, value }];
  const states = UPDATE_STATES.map((name) => ({ labels: { state: name }, value: Number(name === state) }));
  const counts = trial.flatMap(({ carrying, compared, differed, labelled }) =>
    Object.entries({ compared, differed, labelled }).map(([kind, value]) => ({ labels: { carrying, kind }, value })),
  );
  const evidence = trial.flatMap(({ carrying, evidenceOfWorse: worse, evidenceOfNotWorse, calibration }) => [
    { labels: { carrying, of: 'worse' }, value: worse },
    { labels: { carrying, of: 'not worse' }, value: evidenceOfNotWorse },
    { labels: { carrying, of: 'worse confidence' }, value: calibration?.evidenceOfWorse ?? Number.NaN },
  ]);
  const ofBoth = (pick: (way: UpdateTrial) => { readonly old: number; readonly new: number } | null) =>
    trial.flatMap((way) =>
      (['old', 'new'] as const).map((model) => ({
        labels: { carrying: way.carrying, model },
        value: pick(way)?.[model] ?? Number.NaN,
      })),
    );
  const held = trial.map((way) => ({ labels: { carrying: way.carrying }, value: Number(way.held.length > 0) }));
  const since = current === null ? Number.NaN : Date.parse(current.since) / 1000;
  return [
    metricLines('update_state', 'gauge', '1 for the present state of updates, else 0.', states),
    metricLines(
      'update_since_timestamp_seconds',
      'gauge',
      'Time at which the present model began to answer.',
      one(since),
    ),
    metricLines('update_trial_readings', 'gauge', 'Readings in the trial, or in the probation.', one(readings)),
    metricLines(
      'update_trial_answers',
      'gauge',
      'Answers of both models that were compared, that differed, and that differed and have a label.',
      counts,
    ),
    metricLines('update_evidence', 'gauge', 'Evidence (e-value) about the model on trial.', evidence),
    metricLines(
      'update_operations',
      'gauge',
      'Mean synaptic operations per sample.',
      ofBoth(({ operations }) => operations),
    ),
    metricLines(
      'update_brier_score',
      'gauge',
      'Mean Brier score: how far the confidence was from the labels; 0 is best.',
      ofBoth(({ calibration }) => calibration),
    ),
    metricLines(
      'update_held',
      'gauge',
      '1 if the model on trial needs an approval, because of its work or confidence.',
      held,
    ),
    metricLines('update_questions', 'gauge', 'Readings for which a label is requested.', one(questions.length)),
    metricLines('update_refused', 'gauge', 'Models that were not installed.', one(refused.length)),
    metricLines('update_pinned', 'gauge', '1 if updates are stopped (pinned).', one(Number(pinned))),
  ];
}

/** A metric in the text format; `spikewire_` is put before its name. Empty where there is no finite number. */
export function metricLines(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples
    .filter(({ value }) => Number.isFinite(value))
    .map(({ labels, value }) => `spikewire_${name}${labelText(labels)} ${value}`);
  if (lines.length === 0) return '';
  return [`# HELP spikewire_${name} ${help}`, `# TYPE spikewire_${name} ${type}`, ...lines].join('\n');
}

function labelText(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replace(/["\\\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

type Read = (
  net: DashboardNet,
  state: DashboardNetState | undefined,
  newest: Newest | undefined,
) => number | boolean | undefined;

function gauge(name: string, help: string, pick: Read, type: Metric['type'] = 'gauge'): Metric {
  return { name, type, help, of: (...about) => Number(pick(...about) ?? Number.NaN) };
}

function counter(name: string, help: string, pick: Read): Metric {
  return gauge(name, help, pick, 'counter');
}

function perChannel(name: string, help: string, pick: (reading: Newest['reading']) => readonly number[]): Metric {
  return {
    name,
    type: 'gauge',
    help,
    of: ({ channels }, _, newest) =>
      (newest === undefined ? [] : pick(newest.reading)).map((value, k) => {
        const { name: channel, unit } = channels[k] ?? { name: String(k), unit: '' };
        return { labels: { channel, unit }, value };
      }),
  };
}
