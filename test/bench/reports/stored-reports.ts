import { openDatabase } from '../../../fleet/src/controller/database/database.ts';
import { Registry } from '../../../fleet/src/controller/devices/registry.ts';
import {
  deviceReport,
  joined,
  machineReport,
  sha,
} from '../../../fleet/src/controller/devices/test-device.test-data.ts';
import { DEFAULT_PLAN } from '../../../fleet/src/controller/rollouts/plan.ts';
import { Rollouts } from '../../../fleet/src/controller/rollouts/stored-rollouts.ts';

const DEVICES = 200;

/** Reports of devices that are all in one open rollout, in the process of the controller, without HTTP. */
export async function storedReports(address: string, count: number) {
  const database = await openDatabase(address);
  try {
    const registry = new Registry(database);
    const devices = await joined(registry, DEVICES);
    await Promise.all(devices.map((device) => device.report(registry)));
    const base = { name: 'pump', model: 'pump', channel: 'stable', sha256: sha('b') };
    await new Rollouts(database).begin({ ...base, labels: {}, plan: DEFAULT_PLAN }, 'bench');
    let sent = 0;
    const next = () => {
      const report = deviceReport([machineReport({ readings: ++sent })]);
      return { report, request: devices[sent % DEVICES]!.request(report) };
    };
    const oneByOne = await measured(registry, Array.from({ length: count }, next), 1);
    const together = await measured(registry, Array.from({ length: count }, next), DEVICES);
    return { engine: database.engine, oneByOne, together, ratio: together.perSecond / oneByOne.perSecond };
  } finally {
    await database.close();
  }
}

type Sent = { readonly report: ReturnType<typeof deviceReport>; readonly request: Parameters<Registry['report']>[0] };

async function measured(registry: Registry, sent: readonly Sent[], atOnce: number) {
  const [start, processor] = [performance.now(), process.cpuUsage()];
  const waiting = sent.values();
  const send = async () => {
    for (const { request, report } of waiting) await registry.report(request, () => report);
  };
  await Promise.all(Array.from({ length: atOnce }, send));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(processor);
  return {
    perSecond: Math.round(sent.length / seconds),
    processorMilliseconds: (user + system) / 1000 / sent.length,
  };
}
