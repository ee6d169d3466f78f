import { metricLines, type Sample } from 'spikewire/dashboard';
import type { Database } from '../../database/database.ts';
import type { Registry } from '../../devices/registry.ts';
import type { Application } from '../base/environment.ts';
import { describeRoute } from '../base/person-route.ts';
import type { Counters } from './counters.ts';

export function addMetricsRoute(
  application: Application,
  database: Database,
  registry: Registry,
  counters: Counters,
): void {
  const doc = 'the fleet and this controller, for Prometheus';
  const expectRole = describeRoute(application, '/metrics', { role: 'look', doc, type: 'text/plain' });
  application.get('/metrics', expectRole, async (context) => {
    const text = await metricsText(database, registry, counters);
    return context.text(text, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
}

/** How the fleet and this controller are, as text for Prometheus (exposition format 0.0.4). */
async function metricsText(database: Database, registry: Registry, counters: Counters): Promise<string> {
  const machines = await machinesByState(database);
  const rollouts = await openRollouts(database);
  const one = (value: number): Sample[] => [{ labels: {}, value }];
  const { sent, dropped, waiting } = counters.hints;
  const { devices, ...messages } = counters.live;
  const seconds = 'fleet_tick_seconds';
  return [
    metricLines('fleet_devices', 'gauge', 'Devices by health.', samplesOf('health', await registry.counts())),
    metricLines('fleet_machines', 'gauge', 'Machines of members by the state of their updates.', machines),
    metricLines('fleet_rollouts', 'gauge', 'Open rollouts by phase.', rollouts),
    metricLines('fleet_reports_total', 'counter', 'Reports by status of the answer.', byStatus(counters.reports)),
    metricLines('fleet_joins_total', 'counter', 'Requests to join by status.', byStatus(counters.joins)),
    metricLines('fleet_backups_total', 'counter', 'Backups by status of the answer.', byStatus(counters.backups)),
    metricLines('fleet_requests_total', 'counter', 'Requests of people by status.', byStatus(counters.requests)),
    metricLines('fleet_hints_total', 'counter', 'Hints to devices by MQTT.', samplesOf('result', { sent, dropped })),
    metricLines('fleet_hints_waiting', 'gauge', 'Devices whose hint waits for the limit of hints.', one(waiting)),
    metricLines('fleet_live_messages_total', 'counter', 'Live values by MQTT.', samplesOf('result', messages)),
    metricLines('fleet_live_devices', 'gauge', 'Devices whose live values people look at.', one(devices)),
    metricLines(`${seconds}_sum`, 'counter', 'Time of looks at all open rollouts.', one(counters.tickSeconds)),
    metricLines(`${seconds}_count`, 'counter', 'Looks at all open rollouts.', one(counters.ticks)),
    metricLines(
      'fleet_last_tick_seconds',
      'gauge',
      'Time of the newest look at all open rollouts.',
      one(counters.lastTickSeconds),
    ),
    metricLines('fleet_resident_bytes', 'gauge', 'Memory of the controller.', one(process.memoryUsage.rss())),
    '',
  ]
    .filter((lines, k, all) => lines !== '' || k === all.length - 1)
    .join('\n');
}

function samplesOf(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function byStatus(counts: ReadonlyMap<number, number>): Sample[] {
  return [...counts].map(([status, value]) => ({ labels: { status: String(status) }, value }));
}

async function machinesByState({ queries }: Database): Promise<Sample[]> {
  const rows = await queries
    .selectFrom('machine')
    .innerJoin('device', 'device.id', 'machine.device')
    .select('state')
    .select(({ fn }) => fn.countAll<number>().as('machines'))
    .where('status', '=', 'member')
    .groupBy('state')
    .execute();
  return samplesOf('state', Object.fromEntries(rows.map(({ state, machines }) => [state, machines])));
}

async function openRollouts({ queries }: Database): Promise<Sample[]> {
  const rows = await queries
    .selectFrom('rollout')
    .select('phase')
    .select(({ fn }) => fn.countAll<number>().as('rollouts'))
    .where('ended', 'is', null)
    .groupBy('phase')
    .execute();
  return samplesOf('phase', Object.fromEntries(rows.map(({ phase, rollouts }) => [phase, rollouts])));
}
