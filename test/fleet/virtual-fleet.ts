import {
  type Database,
  DEFAULT_PLAN,
  Leases,
  openDatabase,
  type Phase,
  type Plan,
  Registry,
  type RolloutDetails,
  Rollouts,
  RolloutWork,
  Worker,
} from '@spikewire/fleet/controller';
import { RandomGenerator } from '@spikewire/models';
import { sql } from 'kysely';
import { VirtualTime } from '../faults/virtual-time.ts';
import { VirtualDevice } from './virtual-device.ts';
import { DAY, HOUR, sha256, type World } from './virtual-machine.ts';

const [OLD, NEW] = ['pump 1', 'pump 2'].map((text) => Buffer.from(text)) as [Buffer, Buffer];
const MODEL = 'pump';
/** When virtual time begins, in milliseconds since 1970. */
const START = Date.UTC(2026, 0, 1);
const REPORT_EVERY = 6 * HOUR;
const TICK_EVERY = HOUR;

export interface FleetOptions {
  readonly seed: number;
  readonly devices: number;
  /** How much worse the new base is, as a share of answers; below 0: better. */
  readonly worse: number;
  /** Deviation of that between devices. */
  readonly spread: number;
  /** Share of answers on which both bases differ where one is as good as the other. */
  readonly differing: number;
  readonly world: World;
  readonly plan?: Partial<Plan>;
}

export interface FleetEnd {
  readonly phase: Phase;
  readonly reason: string | null;
  /** Until the end of the trial, whatever came of it. */
  readonly trialDays: number;
  readonly days: number;
  /** Devices on which the new base has ever answered, and on which it answers when the orders are carried out. */
  readonly exposed: number;
  readonly installed: number;
  readonly reports: number;
}

/**
 * A rollout over virtual devices, until they have carried out what came of it. The controller is the product's, with a
 * database in memory, and so are the updates of the devices; only the answers of nets are drawn, and time is virtual.
 */
export async function rollOut(options: FleetOptions): Promise<FleetEnd> {
  const time = new VirtualTime();
  const stored = await openDatabase(':memory:');
  const database: Database = { ...stored, now: () => sql<number>`${sql.lit(START + Math.floor(time.now))}` };
  const stopping = new AbortController();
  const devices: VirtualDevice[] = [];
  const running: Promise<void>[] = [];
  try {
    await join(database, time, devices, options);
    const rollouts = new Rollouts(database);
    const plan = { ...DEFAULT_PLAN, ...options.plan };
    const request = { name: 'pump 2', model: MODEL, channel: 'stable', sha256: sha256(NEW), labels: {}, plan };
    const id = await rollouts.begin(request, 'ann');
    const looks: Looks = {};
    running.push(...devices.map((device) => device.run(stopping.signal)));
    running.push(look(looks, database, () => rollouts.get(id), time, stopping.signal));
    await time.passUntil(() => looks.ended !== undefined);
    const carriedOut = time.now + 2 * REPORT_EVERY;
    await time.passUntil(() => time.now >= carriedOut);
    return endOf(looks, devices);
  } finally {
    stopping.abort();
    await Promise.all(running);
    await Promise.all(devices.map(({ machine }) => machine.updater.stop()));
    await stored.close();
  }
}

async function join(database: Database, time: VirtualTime, devices: VirtualDevice[], options: FleetOptions) {
  const { seed, worse, spread, differing, world } = options;
  const registry = new Registry(database);
  const { token } = await registry.makeToken({ by: 'ann', labels: {}, hours: 1, uses: options.devices });
  for (let k = 0; k < options.devices; k++) {
    const random = new RandomGenerator(seed, `device ${k}`);
    const effect = worse + spread * random.nextNormal();
    const device = await VirtualDevice.join(token, {
      ...{ registry, time, random, world, model: MODEL, reportEvery: REPORT_EVERY, old: OLD, offered: NEW },
      effect: { lost: differing / 2 + Math.max(0, effect), gained: differing / 2 + Math.max(0, -effect), bothWrong: 0 },
    });
    devices.push(device);
  }
}

interface Looks {
  /** When the trial was decided. */
  decided?: number;
  ended?: { readonly time: number; readonly details: RolloutDetails };
}

/** Lets a controller look at the rollout each hour. */
async function look(
  looks: Looks,
  database: Database,
  details: () => Promise<RolloutDetails | undefined>,
  time: VirtualTime,
  signal: AbortSignal,
): Promise<void> {
  const fail = (line: string) => {
    throw new Error(line);
  };
  const leases = new Leases({ database, holder: 'controller', milliseconds: 2 * TICK_EVERY });
  const worker = new Worker({ leases, milliseconds: TICK_EVERY, warn: fail, ...new RolloutWork(database) });
  for (;;) {
    await time.pause(TICK_EVERY, signal);
    if (signal.aborted) return;
    await worker.tick();
    const found = (await details())!;
    if (found.phase !== 'shadow') looks.decided ??= time.now;
    if (ENDS.includes(found.phase)) looks.ended ??= { time: time.now, details: found };
  }
}

/** Nobody approves here what is held. */
const ENDS: readonly Phase[] = ['done', 'stopped', 'held'];

function endOf({ decided, ended }: Looks, devices: readonly VirtualDevice[]): FleetEnd {
  const { time, details } = ended!;
  return {
    ...{ phase: details.phase, reason: details.reason, trialDays: decided! / DAY, days: time / DAY },
    exposed: devices.filter(({ machine }) => machine.hasAnswered(NEW)).length,
    installed: devices.filter(({ machine }) => machine.answers(NEW)).length,
    reports: devices.reduce((sum, { reports }) => sum + reports, 0),
  };
}
