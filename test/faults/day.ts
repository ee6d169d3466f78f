import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { anomalyModel, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { fitGrowth, readMemory } from '../bench/memory/process.mjs';
import { type RunningCommand, startCommand, until } from '../e2e/command.ts';
import { type Mosquitto, startMosquitto } from '../e2e/mosquitto.ts';
import { type SmallDisk, tryMountSmallDisk } from '../small-disk.ts';

/** What `spikewire run` counts in place of an answer. */
const COUNTERS = ['bad', 'unlisted', 'retained', 'skipped', 'dropped'] as const;
type Counted = Record<(typeof COUNTERS)[number], number>;

const NETS = ['attic', 'cellar', 'kitchen', 'yard'];
const HOURS = 24;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);
/** Of one sensor's readings: each so many-th is sent twice, or is none. */
const [TWICE, JUNK] = [50, 41];
/** Hours in which the attic says nothing. */
const SILENT = [13, 16] as const;
/**
 * What is added to the time of readings from an hour on; whole seconds apart from the rest, so that no time is twice.
 */
const JUMPS: readonly (readonly [hour: number, offset: number])[] = [
  [0, 0],
  [12, 24 * HOUR + 1000],
  [17, -48 * HOUR + 2000],
];
/** The last hour with a kill: from then on it is one process, whose memory is looked at. */
const LAST_KILL = 4;
const MEMORY_LOOKS = 400;
/** For answers that do not come. */
const PATIENCE_MS = 10_000;

export interface DayOptions {
  /** Simulated seconds in one of the clock's. */
  readonly factor: number;
  /** Simulated seconds between two readings of a sensor, more than 2 and no divisor of them. */
  readonly every: number;
  readonly seed: number;
}

export interface DayReport {
  readonly seconds: number;
  readonly sent: number;
  readonly twice: number;
  readonly answered: number;
  /** By the counters of `status`, over all processes. */
  readonly counted: Counted;
  /** Sent and neither answered nor counted. */
  readonly missing: number;
  /** Answered more often than sent: under way when a process was killed or the broker went. */
  readonly again: number;
  readonly kills: number;
  readonly brokerRestarts: number;
  readonly silenceAlarms: number;
  /** Saves that failed while the disk was full; undefined where none could be mounted. */
  readonly failedSaves: number | undefined;
  /** Bytes of the last process per simulated hour. */
  readonly memory: { slope: number; standardError: number; first: number; last: number; samples: number };
}

interface Status {
  readonly failedSaves: number;
  readonly store: { readonly problem: string | null };
  readonly counters: Counted;
}

/**
 * A day of four sensors, a broker and a `spikewire run` through what may happen to them; undefined without mosquitto.
 */
export async function liveDay(options: DayOptions): Promise<DayReport | undefined> {
  const broker = await startMosquitto();
  if (broker === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-day-'));
  const disk = await tryMountSmallDisk(join(folder, 'disk'), 4096);
  const day = new Day(options, folder, broker, disk);
  try {
    return await day.live();
  } finally {
    await day.end();
    await broker.close();
    disk?.unmount();
    await rm(folder, { recursive: true, force: true });
  }
}

class Day {
  readonly #options: DayOptions;
  readonly #folder: string;
  readonly #broker: Mosquitto;
  readonly #disk: SmallDisk | undefined;
  readonly #random: RandomGenerator;
  /** Times that each message was sent and answered, by net and time of the reading. */
  readonly #sent = new Map<string, number>();
  readonly #answers = new Map<string, number>();
  readonly #statuses: Status[] = [];
  readonly #counted: Counted = { bad: 0, unlisted: 0, retained: 0, skipped: 0, dropped: 0 };
  readonly #memory: [hour: number, bytes: number][] = [];
  #links: MqttLink[] = [];
  #command: RunningCommand | undefined;
  #hour = 0;
  #junk = 0;
  #twice = 0;
  #sendsJunk = true;
  #kills = 0;
  #brokerRestarts = 0;
  #silenceAlarms = 0;
  #failedSaves: number | undefined;

  constructor(options: DayOptions, folder: string, broker: Mosquitto, disk: SmallDisk | undefined) {
    this.#options = options;
    this.#folder = folder;
    this.#broker = broker;
    this.#disk = disk;
    this.#random = new RandomGenerator(options.seed, 'day');
  }

  async live(): Promise<DayReport> {
    const began = performance.now();
    const model = anomalyModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 50, seed: this.#options.seed });
    await writeFile(join(this.#folder, 'level.spike'), writeModel(model));
    await this.#observe();
    await this.#start();
    await this.#send();
    await this.#settle();
    this.#count(await this.#status());
    return this.#report((performance.now() - began) / 1000);
  }

  async end(): Promise<void> {
    this.#command?.process.kill('SIGKILL');
    await this.#command?.ended;
    await Promise.all(this.#links.map((link) => link.close()));
  }

  async #observe(): Promise<void> {
    for (const clientId of ['sensors', 'observer']) {
      this.#links.push(
        await MqttLink.connect(this.#broker.url, { clientId, random: () => this.#random.nextUniform() }),
      );
    }
    const [, observer] = this.#links;
    await observer!.subscribe('state/+', ({ topic, payload }) => {
      const { t, latencyUs, monitors } = JSON.parse(Buffer.from(payload).toString());
      if (latencyUs !== undefined) add(this.#answers, `${topic.split('/')[1]} ${t}`);
      else if (monitors?.silence !== undefined) this.#silenceAlarms++;
    });
    await observer!.subscribe('state/+/status', ({ payload }) => {
      this.#statuses.push(JSON.parse(Buffer.from(payload).toString()));
    });
  }

  async #start(): Promise<void> {
    this.#command = startCommand(
      [
        ...['run', 'level.spike', '--mqtt', this.#broker.url, '--in', 'house/+', '--out', 'state/+', '--learn'],
        ...['--store', 'disk/store', '--save-every', '1', '--client-id', 'day', '--seed', String(this.#options.seed)],
      ],
      this.#folder,
    );
    await this.#command.says(/running level\.spike/);
  }

  /**
   * All readings of the day at their times, while its events come one after the other. Readings go on and the hour
   * stands still where the next event is due before the last one is over.
   */
  async #send(): Promise<void> {
    const { every, factor } = this.#options;
    const events = [...this.#events()];
    const looks = Math.ceil((HOURS * 3600) / every / MEMORY_LOOKS);
    let happening = false;
    let failure: unknown;
    const began = performance.now();
    for (let round = 0; this.#hour < HOURS || happening; round++) {
      await delay(Math.max(0, began + (round * every * 1000) / factor - performance.now()));
      for (const net of NETS) this.#sendOne(net, round);
      if (round % looks === 0 && this.#kills === 2) this.#lookAtMemory();
      const isDue = (events[0]?.[0] ?? HOURS) <= this.#hour;
      if (isDue && !happening && events.length > 0) {
        happening = true;
        const [, event] = events.shift()!;
        event().then(
          () => {
            happening = false;
          },
          (problem) => {
            failure = problem;
          },
        );
      } else if (!isDue || !happening) this.#hour += every / 3600;
      if (failure !== undefined) throw failure;
    }
  }

  /** In the order of their hours. */
  *#events(): Generator<[hour: number, event: () => Promise<void>]> {
    yield [2, () => this.#kill()];
    yield [LAST_KILL, () => this.#kill()];
    yield [6, () => this.#restartBroker(200)];
    if (this.#disk !== undefined) {
      yield [8, () => this.#disk!.fill()];
      yield [10, () => this.#freeDisk(this.#disk!)];
    }
    yield [19, () => this.#restartBroker(1000)];
    yield [21, () => this.#restartBroker(0)];
  }

  #sendOne(net: string, round: number): void {
    const [sensors] = this.#links;
    if (net === 'attic' && this.#hour >= SILENT[0] && this.#hour < SILENT[1]) return;
    const place = round + 7 * NETS.indexOf(net);
    const level = Math.sin(place / 40) + 0.05 * this.#random.nextNormal();
    if (this.#sendsJunk && place % JUNK === JUNK - 1) {
      this.#junk++;
      void sensors!.publish(`house/${net}`, `{"level":"junk ${this.#junk}"}`);
      return;
    }
    const [, offset] = JUMPS.findLast(([hour]) => hour <= this.#hour)!;
    const t = START + round * this.#options.every * 1000 + offset;
    const times = place % TWICE === 0 ? 2 : 1;
    this.#twice += times - 1;
    for (let k = 0; k < times; k++) {
      add(this.#sent, `${net} ${t}`);
      void sensors!.publish(`house/${net}`, JSON.stringify({ t, level }));
    }
  }

  /** Ends the process amid its readings and starts it again. */
  async #kill(): Promise<void> {
    this.#count(await this.#withoutJunk());
    this.#command!.process.kill('SIGKILL');
    await this.#command!.ended;
    await this.#start();
    this.#kills++;
    this.#sendsJunk = true;
  }

  async #restartBroker(pause: number): Promise<void> {
    await this.#withoutJunk();
    await this.#broker.stop();
    await delay(pause);
    await this.#broker.start();
    await until(() => this.#links.every(({ state }) => state === 'connected'));
    this.#brokerRestarts++;
    this.#sendsJunk = true;
  }

  /**
   * From now on nothing is sent that is counted, and what was has been counted and acknowledged: what is counted twice
   * cannot be told from two, and with a process dies what it has counted. The second status comes behind the
   * acknowledgement of the first, and that behind all before.
   */
  async #withoutJunk(): Promise<Status> {
    this.#sendsJunk = false;
    const before = new Map(this.#sent);
    const end = performance.now() + PATIENCE_MS;
    // What is lost is never answered: the sum at the end tells.
    await until(
      () => performance.now() > end || [...before].every(([id, times]) => (this.#answers.get(id) ?? 0) >= times),
    );
    await this.#status();
    return this.#status();
  }

  /**
   * Makes room again once a save has failed, and waits until one succeeds. A save that was under way while the disk was
   * filled gives back the room that it had, which is filled as well.
   */
  async #freeDisk(disk: SmallDisk): Promise<void> {
    while ((await this.#status()).store.problem === null) await disk.fill();
    await disk.free();
    let status = await this.#status();
    while (status.store.problem !== null) status = await this.#status();
    this.#failedSaves = status.failedSaves;
  }

  /** Asked as often as a net answers. */
  async #status(): Promise<Status> {
    await delay(600);
    const before = this.#statuses.length;
    await this.#links[0]!.publish('house/cellar/command', 'status');
    await until(() => this.#statuses.length > before);
    return this.#statuses.at(-1)!;
  }

  #count({ counters }: Status): void {
    for (const name of COUNTERS) this.#counted[name] += counters[name];
  }

  /** Waits until nothing has come for a while, or all is there. */
  async #settle(): Promise<void> {
    let [seen, at] = [-1, performance.now()];
    await until(() => {
      const { answered } = this.#account();
      if (answered > seen) [seen, at] = [answered, performance.now()];
      return answered === sumOf(this.#sent) || performance.now() - at > PATIENCE_MS;
    });
  }

  #lookAtMemory(): void {
    this.#memory.push([this.#hour - LAST_KILL, readMemory(this.#command!.process.pid).rss]);
  }

  #account() {
    let [answered, again] = [0, 0];
    for (const [id, times] of this.#sent) answered += Math.min(times, this.#answers.get(id) ?? 0);
    for (const [id, times] of this.#answers) again += Math.max(0, times - (this.#sent.get(id) ?? 0));
    return { answered, again };
  }

  #report(seconds: number): DayReport {
    const sent = sumOf(this.#sent) + this.#junk;
    const { answered, again } = this.#account();
    const counted = Object.values(this.#counted).reduce((sum, count) => sum + count, 0);
    const memory = this.#memory;
    return {
      seconds,
      sent,
      twice: this.#twice,
      answered,
      counted: this.#counted,
      missing: sent - answered - counted,
      again,
      kills: this.#kills,
      brokerRestarts: this.#brokerRestarts,
      silenceAlarms: this.#silenceAlarms,
      failedSaves: this.#failedSaves,
      memory: { ...fitGrowth(memory), first: memory[0]![1], last: memory.at(-1)![1], samples: memory.length },
    };
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sumOf(counts: Map<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
