import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_PLAN } from '@spikewire/fleet/controller';
import { RandomGenerator } from '@spikewire/models';
import { Cluster } from '../cluster/cluster.ts';
import type { Brokers } from '../cluster/plan.ts';
import type { ClusterState } from '../cluster/state-file.ts';
import { VirtualDevice } from '../virtual-device.ts';
import { HOUR, sha256 } from '../virtual-machine.ts';
import { FastTime } from './fast-time.ts';
import { HintedDevices } from './hinted-devices.ts';
import { Heard, HttpLink } from './http-link.ts';
import { figuresOf, type ProcessFigures, processorTime, residentBytes } from './process-figures.ts';

const [OLD, NEW] = ['pump 1', 'pump 2'].map((text) => Buffer.from(text)) as [Buffer, Buffer];
const MODEL = 'pump';
/** Of devices, between two reports and between two looks at a trial. */
const REPORT_EVERY = 6 * HOUR;
const JOINING_AT_ONCE = 20;
const SECOND = 1000;
/** After which nobody waits any longer for connections, and for reports after a hint. */
const PATIENCE_MS = 120 * SECOND;

export interface LoadOptions {
  readonly agents: number;
  /** Seconds between two reports of a device, in mean. */
  readonly every: number;
  readonly seed: number;
  /** Of the devices; within so many seconds they connect, and connect again. */
  readonly brokers: { readonly kind: Brokers; readonly window: number };
  /** Two controllers with PostgreSQL instead of one with SQLite. */
  readonly postgres: boolean;
  /** Parts of the cluster that get SIGKILL when half of the devices were told to try the base. */
  readonly kill: readonly string[];
  /** Seconds of reports without pauses, and how many come at a time. */
  readonly saturated: { readonly seconds: number; readonly atOnce: number };
  /** Seconds after which the rollout is left as it is. */
  readonly patience: number;
}

/** Milliseconds; processor time is that of all controllers, their looks at the rollout included. */
export interface ReportFigures {
  readonly reports: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly processorPerReport: number;
  readonly refused: Readonly<Record<string, number>>;
}

/** Seconds since something began until so much of the devices was there; null: not within the patience. */
export interface Reached {
  readonly half: number | null;
  readonly nearlyAll: number | null;
  readonly all: number | null;
}

/** What devices have of their broker. */
export interface BrokerFigures {
  /** Seconds until all are connected. */
  readonly connected: number;
  /** From a hint to all of them until it has reached them, and until they have reported. */
  readonly groupHint: { readonly arrived: Reached; readonly reported: Reached };
  /** Connections that were lost in the rollout, and seconds until all devices had one again. */
  readonly lost: number;
  readonly connectedAgain: number | null;
  /** Hints to single devices in the rollout. */
  readonly hints: number;
  /** Bytes that its connection takes in the process of the devices. */
  readonly memoryOfClient: number;
}

/** Orders that were not carried out, or more than once; what the controller counted twice. */
export interface OrderFigures {
  /** Devices on which the base does not answer at the end. */
  readonly lost: number;
  /** Devices on which it was installed more than once. */
  readonly doubled: number;
  /** By the controller: machines of the rollout, and those of them that have the base. */
  readonly machines: number;
  readonly installed: number;
}

type Servers = 'controllers' | 'brokers' | 'database';

export interface LoadResult {
  readonly agents: number;
  readonly joinedPerSecond: number;
  /** Bytes of all controllers: before the first device, at most, and what a device takes of the difference. */
  readonly memory: { readonly empty: number; readonly most: number; readonly ofDevice: number };
  /** Bytes of the heap that a virtual device takes, with its updates. */
  readonly memoryOfAgent: number;
  readonly broker: BrokerFigures | undefined;
  readonly rollout: ReportFigures & { readonly try: Reached; readonly install: Reached; readonly answers: Reached };
  readonly orders: OrderFigures;
  readonly saturated: ReportFigures;
  /** At the end; of a broker or controller that was killed nothing is left. */
  readonly servers: Readonly<Record<Servers, ProcessFigures>>;
  /** Of the machine, over a minute, before and at the end. */
  readonly load: readonly [number, number];
}

/** Controllers, database and brokers as processes of their own, and devices in this one, which speak HTTP and MQTT. */
export async function putLoad(options: LoadOptions, say: (line: string) => void): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-load-'));
  await chmod(folder, 0o711); // the user of PostgreSQL goes through it
  const cluster = new Cluster(join(folder, 'cluster'));
  const load = loadavg()[0]!;
  try {
    const { brokers, postgres } = options;
    const state = await cluster.up({ brokers: brokers.kind, postgres, repository: null, every: options.every });
    const token = (await readFile(state.tokenFile, 'utf8')).trim();
    const loaded = new Load(options, { state, token, kill: (part) => cluster.kill(part) }, say);
    return { ...(await loaded.measure()), load: [load, loadavg()[0]!] };
  } finally {
    await cluster.down().catch(() => {}); // it has not come up
    await rm(folder, { recursive: true, force: true });
  }
}

interface Serving {
  readonly state: ClusterState;
  readonly token: string;
  readonly kill: (part: string) => Promise<void>;
}

class Load {
  readonly #options: LoadOptions;
  readonly #serving: Serving;
  readonly #say: (line: string) => void;
  readonly #time: FastTime;
  readonly #devices: VirtualDevice[] = [];
  /** By `performance.now`: when each device first heard to try the base or more, and to install it. */
  readonly #firsts = { try: new Map<number, number>(), install: new Map<number, number>() };
  #heard = new Heard();
  #most = 0;

  constructor(options: LoadOptions, serving: Serving, say: (line: string) => void) {
    [this.#options, this.#serving, this.#say] = [options, serving, say];
    this.#time = new FastTime(REPORT_EVERY / (options.every * SECOND));
  }

  async measure(): Promise<Omit<LoadResult, 'load'>> {
    const { agents } = this.#options;
    const [empty, heap] = [await this.#controllerMemory(), heapBytes()];
    const start = performance.now();
    await this.#join();
    const joinedPerSecond = agents / ((performance.now() - start) / SECOND);
    const memoryOfAgent = Math.round((heapBytes() - heap) / agents);
    this.#say(`${agents} devices have joined, ${joinedPerSecond.toFixed(0)} in a second`);
    const hinted = this.#hinted();
    const stopping = new AbortController();
    const running = this.#devices.map((device) => device.run(stopping.signal));
    try {
      const connection = hinted && (await this.#connect(hinted));
      const { rollout, connectedAgain } = await this.#rollOut(hinted);
      this.#say(`rollout: ${JSON.stringify(rollout)}`);
      const orders = await this.#orders();
      const { lost = 0, hints = 0 } = hinted ?? {};
      stopping.abort();
      await Promise.all(running);
      const servers = await this.#servers();
      hinted?.close();
      const saturated = await this.#saturate();
      const memory = { empty, most: this.#most, ofDevice: (this.#most - empty) / agents };
      const broker = connection && { ...connection, lost, connectedAgain, hints };
      return { agents, joinedPerSecond, memory, memoryOfAgent, broker, rollout, orders, saturated, servers };
    } finally {
      stopping.abort();
      hinted?.close();
      await Promise.all(running);
      await Promise.all(this.#devices.map(({ machine }) => machine.updater.stop()));
    }
  }

  async #join(): Promise<void> {
    const { agents, seed, every } = this.#options;
    const { token } = await this.#ask('tokens', { labels: {}, hours: 1, uses: agents });
    const controllers = this.#serving.state.controllers.map(({ address }) => address);
    let next = 0;
    const joining = async () => {
      for (let k = next++; k < agents; k = next++) {
        const device = await VirtualDevice.join(token as string, {
          ...{ registry: new HttpLink(controllers, k, () => this.#heard), model: MODEL, time: this.#time },
          ...{ random: new RandomGenerator(seed, `device ${k}`), reportEvery: REPORT_EVERY, old: OLD, offered: NEW },
          ...{ second: REPORT_EVERY / every },
          ...{ world: { readingsPerDay: 400, labelsPerDay: 20 }, effect: { lost: 0.02, gained: 0.06, bothWrong: 0 } },
          heard: ({ kind }) => {
            // A machine of the first wave may be told at once to install it.
            if (kind === 'try' || kind === 'install') keepFirst(this.#firsts.try, k);
            if (kind === 'install') keepFirst(this.#firsts.install, k);
          },
        });
        this.#devices.push(device);
        if (this.#devices.length % 1000 === 0) this.#say(`${this.#devices.length} devices have joined`);
      }
    };
    await Promise.all(Array.from({ length: JOINING_AT_ONCE }, joining));
    this.#say(`reports of each ${every} s begin`);
  }

  /** Undefined without brokers. */
  #hinted(): HintedDevices | undefined {
    const ports = this.#serving.state.brokers.map((address) => Number(new URL(address).port));
    if (ports.length === 0) return undefined;
    const { seed, brokers } = this.#options;
    const random = new RandomGenerator(seed, 'brokers');
    return new HintedDevices(this.#devices, { ports, window: brokers.window * SECOND, random });
  }

  async #connect(hinted: HintedDevices): Promise<Pick<BrokerFigures, 'connected' | 'groupHint' | 'memoryOfClient'>> {
    const [start, before] = [performance.now(), await residentBytes(process.pid)];
    await hinted.connect();
    const connected = (performance.now() - start) / SECOND;
    const memoryOfClient = Math.round(((await residentBytes(process.pid)) - before) / this.#devices.length);
    this.#say(`all are connected after ${connected.toFixed(1)} s`);
    const groupHint = await this.#groupHint(hinted);
    this.#say(`hint to all: ${JSON.stringify(groupHint)}`);
    return { connected, groupHint, memoryOfClient };
  }

  async #groupHint(hinted: HintedDevices): Promise<BrokerFigures['groupHint']> {
    const before = this.#devices.map(({ reports }) => reports);
    const reported = new Map<number, number>();
    const start = performance.now();
    hinted.hintAll();
    while (reported.size < this.#devices.length && performance.now() - start < PATIENCE_MS) {
      await delay(SECOND / 20);
      for (const [k, device] of this.#devices.entries())
        if (hinted.groupHints.has(device) && device.reports > before[k]!) keepFirst(reported, k);
    }
    const reached = (times: Iterable<number>) => reachedOf([...times], this.#devices.length, start);
    return { arrived: reached(hinted.groupHints.values()), reported: reached(reported.values()) };
  }

  /** A better base to all, of which each tries it first. */
  async #rollOut(
    hinted: HintedDevices | undefined,
  ): Promise<{ rollout: LoadResult['rollout']; connectedAgain: number | null }> {
    const { agents, patience } = this.#options;
    const plan = { ...DEFAULT_PLAN, shadow: Math.max(50, agents), waveHours: 0 };
    const request = { name: 'load', model: MODEL, channel: 'stable', sha256: sha256(NEW), labels: {}, plan };
    const answering = new Map<VirtualDevice, number>();
    const start = performance.now();
    const killed = this.#killLater(hinted);
    const figures = await this.#figuresOf(async () => {
      await this.#ask('rollouts', request);
      while (answering.size < agents && performance.now() - start < patience * SECOND) {
        await delay(SECOND / 4);
        this.#most = Math.max(this.#most, await this.#controllerMemory());
        for (const device of this.#devices)
          if (!answering.has(device) && device.machine.answers(NEW)) answering.set(device, performance.now());
      }
    });
    const reached = (times: Iterable<number>) => reachedOf([...times], agents, start);
    const rollout = {
      ...figures,
      try: reached(this.#firsts.try.values()),
      install: reached(this.#firsts.install.values()),
      answers: reached(answering.values()),
    };
    return { rollout, connectedAgain: await killed };
  }

  /** Seconds from the kill until all devices have a broker; null where nothing is killed, or they never have. */
  async #killLater(hinted: HintedDevices | undefined): Promise<number | null> {
    const { kill, agents, patience } = this.#options;
    if (kill.length === 0) return null;
    const start = performance.now();
    const isLate = () => performance.now() - start > patience * SECOND;
    while (this.#firsts.try.size < agents / 2 && !isLate()) await delay(SECOND / 4);
    const killed = performance.now();
    for (const part of kill) await this.#serving.kill(part);
    this.#say(`killed: ${kill.join(', ')}`);
    await delay(SECOND); // they notice
    while (hinted !== undefined && hinted.connected < agents && !isLate()) await delay(SECOND / 20);
    return isLate() ? null : (performance.now() - killed) / SECOND;
  }

  /** When the controller has summed up what devices report, or none of them has more to report. */
  async #orders(): Promise<OrderFigures> {
    const { agents, every } = this.#options;
    const end = performance.now() + 2 * every * SECOND;
    let summed = await this.#summary();
    for (; summed.installed < agents && performance.now() < end; summed = await this.#summary()) await delay(SECOND);
    const installations = this.#devices.map(({ machine }) => machine.installations(NEW));
    const count = (is: (times: number) => boolean) => installations.filter(is).length;
    const { machines, installed } = summed;
    return { lost: count((times) => times === 0), doubled: count((times) => times > 1), machines, installed };
  }

  async #summary(): Promise<Pick<OrderFigures, 'machines' | 'installed'>> {
    const { items } = await this.#ask('rollouts');
    return (items as [OrderFigures])[0];
  }

  /** As many reports as the controllers take, of all devices in turn. */
  async #saturate(): Promise<ReportFigures> {
    const { seconds, atOnce } = this.#options.saturated;
    const end = performance.now() + seconds * SECOND;
    let next = 0;
    const reporting = async () => {
      while (performance.now() < end) await this.#devices[next++ % this.#devices.length]!.report();
    };
    const figures = await this.#figuresOf(() => Promise.all(Array.from({ length: atOnce }, reporting)));
    this.#most = Math.max(this.#most, await this.#controllerMemory());
    return figures;
  }

  async #figuresOf(work: () => Promise<unknown>): Promise<ReportFigures> {
    this.#heard = new Heard();
    const [start, before] = [performance.now(), await this.#controllerTimes()];
    await work();
    const seconds = (performance.now() - start) / SECOND;
    const { latencies, refused } = this.#heard;
    const sorted = latencies.toSorted((a, b) => a - b);
    const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
    const used = (await this.#controllerTimes()).map((time, k) => Math.max(0, time - before[k]!));
    return {
      ...{ reports: sorted.length, perSecond: sorted.length / seconds, refused },
      ...{ p50: quantile(0.5), p99: quantile(0.99) },
      processorPerReport: used.reduce((a, b) => a + b) / sorted.length,
    };
  }

  #controllerTimes(): Promise<number[]> {
    return Promise.all(this.#pids('controllers').map((pid) => processorTime(pid).catch(() => 0))); // it was killed
  }

  async #controllerMemory(): Promise<number> {
    const bytes = await Promise.all(this.#pids('controllers').map((pid) => residentBytes(pid).catch(() => 0)));
    return bytes.reduce((a, b) => a + b);
  }

  async #servers(): Promise<LoadResult['servers']> {
    const [controllers, brokers, database] = await Promise.all(
      (['controllers', 'brokers', 'database'] as const).map((kind) => figuresOf(this.#pids(kind))),
    );
    return { controllers: controllers!, brokers: brokers!, database: database! };
  }

  #pids(kind: Servers): number[] {
    const is = { controllers: /^controller-/, brokers: /^(nats-|mosquitto)/, database: /^postgres/ }[kind];
    return Object.entries(this.#serving.state.parts).flatMap(([name, pid]) => (is.test(name) ? [pid] : []));
  }

  /** The first controller is one of those that are killed. */
  async #ask(what: 'tokens' | 'rollouts', said?: object): Promise<Record<string, unknown>> {
    const { state, token } = this.#serving;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(new URL(`/v1/${what}`, state.controllers.at(-1)!.address), {
      headers,
      ...(said && { method: 'POST', body: JSON.stringify(said) }),
    });
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    return answer.json() as Promise<Record<string, unknown>>;
  }
}

/** After a collection, where Node lets a program ask for one (`--expose-gc`). */
function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function keepFirst(times: Map<number, number>, device: number): void {
  if (!times.has(device)) times.set(device, performance.now());
}

function reachedOf(times: number[], of: number, start: number): Reached {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) => {
    const time = sorted[Math.ceil(share * of) - 1];
    return time === undefined ? null : Math.round((time - start) / 100) / 10;
  };
  return { half: at(0.5), nearlyAll: at(0.99), all: at(1) };
}
