import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { ControllerFigures, UpdatesStatus } from '../desk/updates.ts';
import { metricsText } from './metrics.ts';
import type { DashboardFrame, DashboardNetState, DashboardSource } from './source.ts';

const warmUp = { done: false, readings: 3, of: 12 };
const states: DashboardNetState[] = [
  { net: 'net\na', anomaly: true, learning: false, warmUp, readings: 7, flags: 2 },
  { net: 'net\nb', anomaly: false, learning: true, warmUp: { done: true, readings: 0, of: 0 }, readings: 0, flags: 0 },
];
const newest: Pick<DashboardFrame, 'reading' | 'status'> = {
  reading: {
    ...{ seq: 7, time: 1_700_000_000_500, values: [21.5, -3], expected: null, score: 8.25, limit: 6, anomaly: true },
    ...{ error: Number.NaN, spikes: 10, rate: 40 },
  },
  status: {
    ...{ warmUp, learning: false, memory: { resident: 1, network: 400 }, saved: null, latencyMicroseconds: 1500 },
    counters: { received: 9, bad: 1, dropped: 0, published: 8, brokerDropped: 3, spikesSent: 5, spikesLost: 2 },
  },
};
const channels = [
  { name: 'temp"1"\\', unit: '°C' },
  { name: 'flow', unit: '' },
];

const updates: UpdatesStatus = {
  ...{ state: 'shadow', summary: '', former: null, candidate: 'b.spike', readings: 60, pinned: true, problem: null },
  current: { name: 'a.spike', digest: 'd', carrying: null, since: '2026-12-01T00:00:00.500Z' },
  trial: [
    {
      ...{ carrying: 'carry', compared: 50, differed: 7, labelled: 3, newRight: 2, oldRight: 1, right: null },
      ...{ evidenceOfWorse: 0.25, worseLimit: 100, evidenceOfNotWorse: 1.5, notWorseLimit: 20, ended: null },
      ...{ operations: { old: 100, new: 150, card: null }, runs: true, held: ['r'] },
      calibration: { old: 0.1, new: 0.2, of: 9, evidenceOfWorse: 2, worseLimit: 20 },
    },
  ],
  questions: [{ id: 1, net: 'a', time: 1, answering: 'x', watched: 'y' }],
  refused: [{ sha256: 's', name: 'c.spike', reason: 'r', time: 't', cause: 'model', againAt: null }],
};

const controller: ControllerFigures = {
  ...{ membership: 'member', reported: '2026-12-01T00:00:00.500Z', failed: 3, orders: { keep: 2, try: 1 } },
};

function text(found: typeof newest | undefined, status?: UpdatesStatus, figures?: ControllerFigures): string {
  const source: Partial<DashboardSource> = {
    nets: () => ['net\na', 'net\nb', ''].map((id) => ({ id, name: 'alone' })),
    net: (id) => ({ id, name: 'alone', channels, neurons: 1 }),
    state: (id) => states.find(({ net }) => net === id),
    newest: (net) => (net === 'net\na' ? found : undefined),
    updates: () => status,
    controller: () => figures,
  };
  return metricsText(source as DashboardSource);
}

it('tells what is known of each net, and nothing that is not', () => {
  const lines = text(newest).split('\n');
  for (const line of [
    '# TYPE spikewire_unusual gauge',
    'spikewire_unusual{net="net\\na"} 1',
    'spikewire_unusual{net="net\\nb"} 0',
    'spikewire_score{net="net\\na"} 8.25',
    'spikewire_learning{net="net\\na"} 0',
    'spikewire_warm_up_ratio{net="net\\na"} 0.25',
    'spikewire_warm_up_ratio{net="net\\nb"} 1',
    '# TYPE spikewire_readings_total counter',
    'spikewire_readings_total{net="net\\na"} 7',
    'spikewire_latency_seconds{net="net\\na"} 0.0015',
    'spikewire_value{net="net\\na",channel="temp\\"1\\"\\\\",unit="°C"} 21.5',
    'spikewire_value{net="net\\na",channel="flow",unit=""} -3',
    'spikewire_messages_total{kind="bad"} 1',
    'spikewire_broker_dropped_total 3',
    'spikewire_spike_output_total{kind="lost"} 2',
  ]) {
    expect(lines).toContain(line);
  }
  expect(lines.join('\n')).not.toMatch(
    /NaN|undefined|brokerDropped|spikewire_(expected|learning_error|accuracy|saved|score\{net="net\\nb)/,
  );
});

it('tells how updates stand, where the process follows a repository', () => {
  expect(text(newest)).not.toContain('spikewire_update');
  const lines = text(undefined, updates).split('\n');
  for (const line of [
    'spikewire_update_state{state="shadow"} 1',
    'spikewire_update_state{state="idle"} 0',
    'spikewire_update_since_timestamp_seconds 1796083200.5',
    'spikewire_update_trial_readings 60',
    'spikewire_update_trial_answers{carrying="carry",kind="compared"} 50',
    'spikewire_update_trial_answers{carrying="carry",kind="differed"} 7',
    'spikewire_update_trial_answers{carrying="carry",kind="labelled"} 3',
    'spikewire_update_evidence{carrying="carry",of="worse"} 0.25',
    'spikewire_update_evidence{carrying="carry",of="not worse"} 1.5',
    'spikewire_update_evidence{carrying="carry",of="worse confidence"} 2',
    'spikewire_update_operations{carrying="carry",model="old"} 100',
    'spikewire_update_operations{carrying="carry",model="new"} 150',
    'spikewire_update_brier_score{carrying="carry",model="new"} 0.2',
    'spikewire_update_held{carrying="carry"} 1',
    'spikewire_update_questions 1',
    'spikewire_update_refused 1',
    'spikewire_update_pinned 1',
  ]) {
    expect(lines).toContain(line);
  }
  expect(text(undefined, { ...updates, current: null })).not.toContain('update_since');
});

it('tells how the device stands with its controller, where it has one', () => {
  expect(text(newest, updates)).not.toContain('spikewire_controller');
  const lines = text(undefined, updates, controller).split('\n');
  for (const line of [
    'spikewire_controller_joined 1',
    `spikewire_controller_reported_timestamp_seconds ${Date.UTC(2026, 11, 1) / 1000 + 0.5}`,
    '# TYPE spikewire_controller_failed_reports_total counter',
    'spikewire_controller_failed_reports_total 3',
    'spikewire_controller_orders{kind="keep"} 2',
    'spikewire_controller_orders{kind="try"} 1',
  ]) {
    expect(lines).toContain(line);
  }
  const dismissed = text(undefined, updates, { ...controller, membership: 'dismissed', reported: null });
  expect(dismissed).toContain('spikewire_controller_joined 0\n');
  expect(dismissed).not.toContain('controller_reported');
});

it('is in the text format of Prometheus: help, type and samples of a name together, each series once', () => {
  for (const found of [newest, undefined]) {
    const body = text(found, updates, controller);
    expect(body.endsWith('\n')).toBe(true);
    const seen = new Set<string>();
    let current = '';
    for (const line of body.trimEnd().split('\n')) {
      const head = /^# (HELP|TYPE) (spikewire_[a-z_]+) ./.exec(line);
      if (head?.[1] === 'HELP') current = head[2]!;
      const label = '[a-z_]+="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
      const sample = new RegExp(`^${current}(\\{${label}(,${label})*\\})? -?[0-9.e+-]+$`);
      expect(line).toMatch(head ? new RegExp(` ${current} `) : sample);
      const series = head ? head.slice(1).join(' ') : line.replace(/ [^ ]+$/, '');
      expect(seen).not.toContain(series);
      seen.add(series);
    }
  }
});

const folder = new URL('../../../docs/', import.meta.url);

it('has all its names in the document, with their types, and Grafana is asked for no others', async () => {
  const taught = { classes: [], answer: null, confidence: null, labels: 1, confusion: [] };
  const accuracy = { base: 0.5, adapted: 0.6, served: 0.7 };
  const status = {
    ...newest.status,
    saved: { sequence: 1, time: 1 },
    taught: { ...taught, accuracy, today: { lessons: 1, budget: 2 } },
  };
  const all = text({ reading: { ...newest.reading, error: 1, expected: [1, 2] }, status }, updates, controller);
  const names = [...all.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`).sort();
  const page = await readFile(new URL('page.md', folder), 'utf8');
  const documented = [...page.matchAll(/^\| `(spikewire_\w+)` *\| (\w+)/gm)].map(([, name, type]) => `${name} ${type}`);
  expect(documented.sort()).toEqual(names);
  const grafana = await readFile(new URL('grafana.json', folder), 'utf8');
  const asked = new Set(grafana.match(/spikewire_[a-z_]+/g));
  expect(asked.size).toBeGreaterThan(5);
  for (const name of asked) expect(names.map((each) => each.split(' ')[0])).toContain(name);
  expect(JSON.parse(grafana)).toMatchObject({ title: 'spikewire', panels: expect.any(Array) });
});
