import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_PLAN } from '@spikewire/fleet/controller';
import { RandomGenerator } from '@spikewire/models';
import { killAll, startCommand } from '../../e2e/command.ts';
import { VirtualDevice } from '../virtual-device.ts';
import { HOUR, sha256 } from '../virtual-machine.ts';
import { FastTime } from './fast-time.ts';
import { Heard, HttpLink } from './http-link.ts';
import { processorTime, residentBytes } from './process-figures.ts';

const [OLD, NEW] = ['pump 1', 'pump 2'].map((text) => Buffer.from(text)) as [Buffer, Buffer];
const MODEL = 'pump';
/** Of devices, between two reports and between two looks at a trial. */
const REPORT_EVERY = 6 * HOUR;
const JOINING_AT_ONCE = 20;
const SECOND = 1000;

export interface LoadOptions {
  readonly agents: number;
  /** Seconds between two reports of a device, in mean. */
  readonly every: number;
  readonly seed: number;
  /** Seconds of reports without pauses, and how many come at a time. */
  readonly saturated: { readonly seconds: number; readonly atOnce: number };
  /** Seconds after which the rollout is left as it is. */
  readonly patience: number;
}

/** Milliseconds; processor time is the controller's, its looks at the rollout included. */
export interface ReportFigures {
  readonly reports: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly processorPerReport: number;
  readonly refused: Readonly<Record<string, number>>;
}

/** Seconds since the rollout began until so much of the machines was there; null: not within the patience. */
export interface Reached {
  readonly half: number | null;
  readonly nearlyAll: number | null;
  readonly all: number | null;
}

export interface LoadResult {
  readonly agents: number;
  readonly joinedPerSecond: number;
  /** Bytes: before the first device, at most, and what a device takes of the difference. */
  readonly memory: { readonly empty: number; readonly most: number; readonly ofDevice: number };
  readonly rollout: ReportFigures & { readonly try: Reached; readonly install: Reached; readonly answers: Reached };
  readonly saturated: ReportFigures;
  /** Of the machine, over a minute, before and at the end. */
  readonly load: readonly [number, number];
}

/** A controller as a process of its own, with a file, and agents in this one, which speak HTTP with it. */
export async function putLoad(options: LoadOptions, say: (line: string) => void): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-load-'));
  const command = startCommand(['fleet', 'serve', '--port', '0', '--json', '--behind-proxy'], folder);
  const load = loadavg()[0]!;
  try {
    await command.says(/"port":\d+/);
    const { address, tokenFile } = JSON.parse(command.stdout());
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const loaded = new Load(options, { address, token, pid: command.process.pid! }, say);
    return { ...(await loaded.measure()), load: [load, loadavg()[0]!] };
  } finally {
    await killAll([command]);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Serving {
  readonly address: string;
  readonly token: string;
  readonly pid: number;
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
    const empty = await residentBytes(this.#serving.pid);
    const start = performance.now();
    await this.#join();
    const joinedPerSecond = agents / ((performance.now() - start) / SECOND);
    this.#say(`${agents} devices have joined, ${joinedPerSecond.toFixed(0)} in a second`);
    const stopping = new AbortController();
    const running = this.#devices.map((device) => device.run(stopping.signal));
    try {
      const rollout = await this.#rollOut();
      this.#say(`rollout: ${JSON.stringify(rollout)}`);
      stopping.abort();
      await Promise.all(running);
      const saturated = await this.#saturate();
      const memory = { empty, most: this.#most, ofDevice: (this.#most - empty) / agents };
      return { agents, joinedPerSecond, memory, rollout, saturated };
    } finally {
      stopping.abort();
      await Promise.all(running);
      await Promise.all(this.#devices.map(({ machine }) => machine.updater.stop()));
    }
  }

  async #join(): Promise<void> {
    const { agents, seed, every } = this.#options;
    const { token } = await this.#ask('tokens', { labels: {}, hours: 1, uses: agents });
    let next = 0;
    const joining = async () => {
      for (let k = next++; k < agents; k = next++) {
        const device = await VirtualDevice.join(token as string, {
          ...{ registry: new HttpLink(this.#serving.address, k, () => this.#heard), model: MODEL, time: this.#time },
          ...{ random: new RandomGenerator(seed, `device ${k}`), reportEvery: REPORT_EVERY, old: OLD, offered: NEW },
          ...{ world: { readingsPerDay: 400, labelsPerDay: 20 }, effect: { lost: 0.02, gained: 0.06, bothWrong: 0 } },
          heard: ({ kind }) => {
            // A machine of the first wave may be told at once to install it.
            if (kind === 'try' || kind === 'install') keepFirst(this.#firsts.try, k);
            if (kind === 'install') keepFirst(this.#firsts.install, k);
          },
        });
        this.#devices.push(device);
      }
    };
    await Promise.all(Array.from({ length: JOINING_AT_ONCE }, joining));
    this.#say(`reports of each ${every} s begin`);
  }

  /** A better base to all, of which each tries it first. */
  async #rollOut(): Promise<LoadResult['rollout']> {
    const { agents, patience } = this.#options;
    const plan = { ...DEFAULT_PLAN, shadow: Math.max(50, agents), waveHours: 0 };
    const request = { name: 'load', model: MODEL, channel: 'stable', sha256: sha256(NEW), labels: {}, plan };
    const answering = new Map<VirtualDevice, number>();
    const start = performance.now();
    const figures = await this.#figuresOf(async () => {
      await this.#ask('rollouts', request);
      while (answering.size < agents && performance.now() - start < patience * SECOND) {
        await delay(SECOND / 4);
        this.#most = Math.max(this.#most, await residentBytes(this.#serving.pid));
        for (const device of this.#devices)
          if (!answering.has(device) && device.machine.answers(NEW)) answering.set(device, performance.now());
      }
    });
    const reached = (times: Iterable<number>) => reachedOf([...times], agents, start);
    return {
      ...figures,
      try: reached(this.#firsts.try.values()),
      install: reached(this.#firsts.install.values()),
      answers: reached(answering.values()),
    };
  }

  /** As many reports as the controller takes, of all devices in turn. */
  async #saturate(): Promise<ReportFigures> {
    const { seconds, atOnce } = this.#options.saturated;
    const end = performance.now() + seconds * SECOND;
    let next = 0;
    const reporting = async () => {
      while (performance.now() < end) await this.#devices[next++ % this.#devices.length]!.report();
    };
    const figures = await this.#figuresOf(() => Promise.all(Array.from({ length: atOnce }, reporting)));
    this.#most = Math.max(this.#most, await residentBytes(this.#serving.pid));
    return figures;
  }

  async #figuresOf(work: () => Promise<unknown>): Promise<ReportFigures> {
    const { pid } = this.#serving;
    this.#heard = new Heard();
    const [start, before] = [performance.now(), await processorTime(pid)];
    await work();
    const seconds = (performance.now() - start) / SECOND;
    const { latencies, refused } = this.#heard;
    const sorted = latencies.toSorted((a, b) => a - b);
    const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
    return {
      ...{ reports: sorted.length, perSecond: sorted.length / seconds, refused },
      ...{ p50: quantile(0.5), p99: quantile(0.99) },
      processorPerReport: ((await processorTime(pid)) - before) / sorted.length,
    };
  }

  async #ask(what: 'tokens' | 'rollouts', said: object): Promise<Record<string, unknown>> {
    const { address, token } = this.#serving;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(new URL(`/v1/${what}`, address), {
      method: 'POST',
      headers,
      body: JSON.stringify(said),
    });
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    return answer.json() as Promise<Record<string, unknown>>;
  }
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
