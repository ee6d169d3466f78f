import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { classifierModel, RandomGenerator, writeModel } from '@spikewire/models';

const DEVICE = fileURLToPath(new URL('update-kill-device.mjs', import.meta.url));
const CLI = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
const LABELS = ['idle', 'load', 'worn'];
const MEANS = [
  [-1, 0, 0.5],
  [1, 0, 0],
  [0, 1.5, -0.5],
];
/** Milliseconds of a life that is killed at any moment of it. */
const LONGEST_LIFE = 1500;
/** Milliseconds after a transition, where the kill comes close to one. */
const LONGEST_AFTER = 12;
const MOST_KILLS_PER_DEVICE = 12;
/** Lessons that a net keeps for another base: of more, a random sample (`KeptLessons`). */
const MOST_CARRIED = 2048;
/** Milliseconds in which a device that nobody kills must have ended all updates. */
const PATIENCE = 30_000;

/** A file of a base that is published. */
interface PublishedBase {
  readonly path: string;
  readonly sha256: string;
}

/** What devices follow: a repository that offers the better base, and the same later, with the worse one. */
interface Fleet {
  readonly bases: readonly [old: PublishedBase, better: PublishedBase, worse: PublishedBase];
  readonly sites: readonly [string, string];
}

/** What a device says; see `update-kill-device.mjs`. */
interface Line {
  readonly event?: 'start' | 'state' | 'swap' | 'saved' | 'end';
  readonly state?: string;
  /** SHA-256 of the base that answers. */
  readonly answers?: string;
  /** Labels by the SHA-256 of the base on which they are known. */
  readonly known?: Readonly<Record<string, number>> | number;
  readonly base?: string;
  readonly current?: string;
  readonly former?: string;
  readonly carrying?: string | null;
  readonly refused?: readonly string[];
  readonly warning?: string;
}

export interface CampaignOptions {
  readonly kills: number;
  readonly seed: number;
  /** Milliseconds after which no new device is begun. Default: none. */
  readonly within?: number | undefined;
  readonly say?: (line: string) => void;
}

export interface Campaign {
  kills: number;
  devices: number;
  /** Lessons whose receipt was acknowledged as saved. */
  saved: number;
  /** Kills by the state in which the device last said to be. */
  readonly killedIn: Record<string, number>;
  /** How the updates of the devices ended. */
  readonly ends: Record<string, number>;
  /** What devices warned of, and how often; names of files and numbers are left out. */
  readonly warnings: Record<string, number>;
  /** The longest time from a start to the end of all updates, in milliseconds, where nobody killed. */
  longestEnd: number;
}

/**
 * Kills devices amid their updates, at moments that the seed draws, each again and again until its last life, in which
 * both updates must end. Rejects with what is wrong where one of these does not hold:
 *
 * 1. Each start succeeds, and a base answers that was published, is whole, and was not refused.
 * 2. A base never knows fewer labels than were acknowledged on it, whether it answers or what it learned is aside.
 * 3. Where a base was installed with `carry`, it knows at least as many labels as were acknowledged on the former one, or
 *    2048: of more lessons a net keeps a sample for another base. On the way back, rule 2 holds for the former base:
 *    lessons of the probation go back with it only where no crash comes between.
 * 4. In the last life both updates end within 30 s.
 */
export async function killAmidUpdates({ kills, seed, within, say = () => {} }: CampaignOptions): Promise<Campaign> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-update-kill-'));
  const fleet = await publishedFleet(folder);
  const random = new RandomGenerator(seed, 'kills');
  const campaign: Campaign = {
    ...{ kills: 0, devices: 0, saved: 0, longestEnd: 0 },
    ...{ killedIn: {}, ends: {}, warnings: {} },
  };
  const began = performance.now();
  while (campaign.kills < kills && performance.now() - began < (within ?? Number.POSITIVE_INFINITY)) {
    const place = join(folder, `device-${campaign.devices}`);
    await mkdir(place);
    const device = new KilledDevice(fleet, place, random, campaign);
    try {
      await device.live(Math.min(1 + random.nextInteger(MOST_KILLS_PER_DEVICE), kills - campaign.kills));
    } catch (failure) {
      const where = `seed ${seed}, device ${campaign.devices}, after ${campaign.kills} kills, in ${place}`;
      throw new Error(`${(failure as Error).message}\n${where}\n${device.log.slice(-40).join('\n')}`);
    }
    campaign.devices++;
    await rm(place, { recursive: true });
    say(`${campaign.kills} kills, ${campaign.devices} devices, ${campaign.saved} lessons saved`);
  }
  await rm(folder, { recursive: true });
  return campaign;
}

async function publishedFleet(folder: string): Promise<Fleet> {
  const run = promisify(execFile);
  const spikewire = (...words: string[]) => run(process.execPath, [CLI, 'fleet', ...words]);
  const [site, keys, model] = [join(folder, 'site'), join(folder, 'keys'), join(folder, 'pump.spike')];
  const files: PublishedBase[] = [];
  const keep = async (bytes: Uint8Array) => {
    const path = join(folder, `${files.length + 1}.spike`);
    await writeFile(path, bytes);
    await writeFile(model, bytes);
    files.push({ path, sha256: createHash('sha256').update(bytes).digest('hex') });
  };
  const sites = [join(folder, 'site-1'), join(folder, 'site-2')] as const;
  await spikewire('init', site, '--keys', keys);
  await keep(baseOf(1, 24));
  for (const [k, bytes] of [baseOf(2, 24), baseOf(3, 1)].entries()) {
    await keep(bytes);
    await spikewire('publish', model, '--to', site, '--keys', keys);
    await cp(site, sites[k]!, { recursive: true });
  }
  return { bases: files as unknown as Fleet['bases'], sites };
}

/** A classifier whose front has so many random neurons: one is too few. */
function baseOf(seed: number, neurons: number): Uint8Array {
  const channels = ['vibration', 'current', 'temperature'].map((name) => ({ name, unit: '' }));
  const standardise = { mean: [0, 0, 0], deviation: [1, 1, 1] };
  return writeModel(classifierModel({ channels, labels: LABELS, standardise, running: false, neurons, seed }));
}

class KilledDevice {
  /** All that it has said, over its lives. */
  readonly log: string[] = [];
  readonly #fleet: Fleet;
  readonly #folder: string;
  readonly #random: RandomGenerator;
  readonly #campaign: Campaign;
  readonly #isApproved: boolean;
  /** Labels that were acknowledged on each base. */
  readonly #acknowledged = new Map<string, number>();
  #refused: readonly string[] = [];
  #state = 'start';
  #wrong: string | undefined;
  #end: string | undefined;

  constructor(fleet: Fleet, folder: string, random: RandomGenerator, campaign: Campaign) {
    [this.#fleet, this.#folder, this.#random, this.#campaign] = [fleet, folder, random, campaign];
    this.#isApproved = random.nextInteger(3) > 0; // else evidence ends the trial of the worse base
  }

  async live(kills: number): Promise<void> {
    await symlink(this.#fleet.sites[0], join(this.#folder, 'site'));
    for (let k = 0; k < kills; k++) if (!(await this.#liveUntilKilled())) break;
    const began = performance.now();
    const last = this.#start();
    const timer = setTimeout(() => last.child.kill('SIGKILL'), PATIENCE);
    const [code] = await last.hasEnded;
    clearTimeout(timer);
    this.#expectGood();
    if (code !== 0) throw new Error(`a device that nobody killed has not ended its updates: ${code}, ${this.#state}`);
    this.#note('ends', this.#end!);
    this.#campaign.longestEnd = Math.max(this.#campaign.longestEnd, performance.now() - began);
  }

  /** Returns whether it was killed: else it has ended before. */
  async #liveUntilKilled(): Promise<boolean> {
    const isClose = this.#random.nextInteger(2) === 0;
    const transitions = 1 + this.#random.nextInteger(4);
    const wait = this.#random.nextInteger(isClose ? LONGEST_AFTER : LONGEST_LIFE);
    const { child, hasEnded, transition } = this.#start();
    const hasCome = isClose ? Promise.race([transition(transitions), delay(LONGEST_LIFE)]) : Promise.resolve();
    await Promise.race([hasEnded, hasCome.then(() => delay(wait))]);
    child.kill('SIGKILL');
    const [code, signal] = await hasEnded;
    this.log.push(`killed in ${this.#state}`);
    this.#expectGood();
    if (code === 0) return false;
    if (signal !== 'SIGKILL') throw new Error(`a device has ended by itself with ${code}, in the state ${this.#state}`);
    this.#campaign.kills++;
    this.#campaign.killedIn[this.#state] = (this.#campaign.killedIn[this.#state] ?? 0) + 1;
    return true;
  }

  #expectGood(): void {
    if (this.#wrong !== undefined) throw new Error(this.#wrong);
  }

  #start(): {
    readonly child: ChildProcess;
    readonly hasEnded: Promise<[number | null, string | null]>;
    readonly transition: (n: number) => Promise<void>;
  } {
    this.#state = 'start';
    const [{ bases, sites }, seed] = [this.#fleet, this.#random.nextInteger(2 ** 30)];
    const given = { folder: this.#folder, sites, bases, labels: LABELS, means: MEANS, isApproved: this.#isApproved };
    const child = spawn(process.execPath, [DEVICE, JSON.stringify({ ...given, seed })], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.on('data', (text) => this.log.push(String(text)));
    const lines = createInterface({ input: child.stdout });
    let seen = 0;
    const waiting: { n: number; resolve: () => void }[] = [];
    lines.on('line', (line) => {
      this.#take(line);
      if (line.includes('"event":"state"')) seen++;
      for (const { n, resolve } of waiting) if (seen >= n) resolve();
    });
    const hasEnded = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(
      ([exit]) => exit as [number | null, string | null],
    );
    return { child, hasEnded, transition: (n) => new Promise((resolve) => waiting.push({ n, resolve })) };
  }

  #take(line: string): void {
    let said: Line;
    try {
      said = JSON.parse(line);
    } catch {
      return; // a kill has cut it
    }
    if (said.event !== 'saved') this.log.push(line);
    if (said.event === 'saved') this.#acknowledge(said.base!, said.known as number);
    if (said.state !== undefined) this.#state = said.state;
    if (said.warning !== undefined) this.#note('warnings', said.warning.replace(/\/\S+|\d+|[0-9a-f]{16,}/g, '…'));
    if (said.answers !== undefined || said.current !== undefined) this.#look(said);
    if (said.event === 'end') this.#end = this.#endOf(said);
  }

  #note(list: 'warnings' | 'ends', key: string): void {
    this.#campaign[list][key] = (this.#campaign[list][key] ?? 0) + 1;
  }

  #acknowledge(base: string, known: number): void {
    this.#campaign.saved++;
    this.#acknowledged.set(base, Math.max(this.#acknowledged.get(base) ?? 0, known));
  }

  /** Compares what a device says to be with what it was acknowledged. */
  #look({ event, answers, current, former, refused, known, carrying }: Line): void {
    const name = (sha256?: string) => `base ${1 + this.#fleet.bases.findIndex((each) => each.sha256 === sha256)}`;
    const expect = (isSo: boolean, wrong: string) => {
      if (!isSo) this.#wrong ??= `${event}: ${wrong}`;
    };
    expect(answers === current, `${name(answers)} answers, the journal says ${name(current)}`);
    expect(
      this.#fleet.bases.some(({ sha256 }) => sha256 === answers),
      'a base answers that nobody published',
    );
    expect(!refused!.includes(answers!), `${name(answers)} answers, which was refused`);
    for (const each of this.#refused) expect(refused!.includes(each), `that ${name(each)} was refused is forgotten`);
    this.#refused = refused!;
    const labels = known as Readonly<Record<string, number>>;
    for (const [base, least] of this.#acknowledged)
      expect(labels[base]! >= least, `${name(base)} knows ${labels[base]} labels, ${least} were acknowledged on it`);
    if (former === undefined || carrying !== 'carry') return;
    const least = Math.min(this.#acknowledged.get(former) ?? 0, MOST_CARRIED);
    const own = labels[current!]!;
    expect(own >= least, `${name(current)} was carried over with ${own} labels, ${name(former)} had ${least}`);
  }

  #endOf({ current, refused }: Line): string {
    const [, better, worse] = this.#fleet.bases;
    const stateOf = ({ sha256 }: PublishedBase) =>
      current === sha256 ? 'runs' : refused!.includes(sha256) ? 'refused' : 'left';
    return `better ${stateOf(better)}, worse ${stateOf(worse)}${this.#isApproved ? ' (approved)' : ''}`;
  }
}
