import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RandomGenerator } from '@spikewire/models';
import { LABELS, MEANS, type PublishedFleet, publishedFleet } from './updated-fleet.ts';

const DEVICE = fileURLToPath(new URL('updated-device.mjs', import.meta.url));
/** A better base, a worse one, and so on. */
const UPDATES = 6;
/** Of a device, before its last life; most have ended their updates by then. */
const MOST_INTERRUPTIONS = 60;
/** Durable transitions of a life, after which the moment is drawn; 0: since the start of the process. */
const MOST_TRANSITIONS = 4;
/** File operations after the transition: a start has about 60, an update 100. */
const MOST_OPERATIONS = 40;
/** Milliseconds after the transition, for the moments that fall between operations or amid one. */
const MOST_MILLISECONDS = 40;
/** Milliseconds in which a device that is not interrupted must have ended all updates. */
const PATIENCE = 60_000;
/** Lessons that a net keeps for another base: of more, a random sample (`KeptLessons`). */
const MOST_CARRIED = 2048;

/** What may follow on a state that is durable, without another one between: the state machine of `updater.ts`. */
const FOLLOWING: Readonly<Record<string, readonly string[]>> = {
  idle: ['check', 'rollback'],
  check: ['download', 'idle'],
  download: ['verify', 'check'],
  verify: ['shadow', 'idle', 'check'],
  shadow: ['install', 'idle', 'check', 'rollback'],
  install: ['probation', 'idle', 'check'],
  // The last is the breaker: a start goes back from what was started three times.
  probation: ['commit', 'rollback', 'idle'],
  commit: ['idle'],
  rollback: ['idle', 'commit'],
};

/** What a device says; see `updated-device.mjs`. */
interface Line {
  readonly event?: 'start' | 'state' | 'stands' | 'swap' | 'saved' | 'end';
  readonly state?: string;
  /** SHA-256 of the base that answers. */
  readonly answers?: string;
  /** Labels by the SHA-256 of the base on which they are known. */
  readonly known?: Readonly<Record<string, number>> | number;
  readonly base?: string;
  readonly current?: string;
  readonly former?: string;
  readonly candidate?: string;
  readonly carrying?: string | null;
  readonly refused?: readonly string[];
  readonly warning?: string;
}

/** A device in one of its lives. */
export interface Life {
  readonly child: ChildProcess;
  /** Exit code and signal, when all that it said has been taken. */
  readonly hasEnded: Promise<readonly [number | null, string | null]>;
}

/** How devices are interrupted, and where they keep their files. */
export interface Interruption {
  /** Whether the device kills itself at its moment; else it stands still there. */
  readonly isKill: boolean;
  /** An empty folder for a device. */
  newFolder(device: number): Promise<string>;
  /** Ends a life now, and gives its files back as they are then. */
  interrupt(life: Life): Promise<void>;
}

export interface CampaignOptions {
  readonly interruptions: number;
  readonly seed: number;
  /** Milliseconds after which no new device is begun. Default: none. */
  readonly within?: number | undefined;
  /** A file with what came of the devices so far: where it exists, the campaign goes on after them. */
  readonly progress?: string | undefined;
  /** Devices that make nothing durable, to see whether this shows. */
  readonly withoutSync?: boolean;
  readonly say?: (line: string) => void;
}

export interface Campaign {
  interruptions: number;
  devices: number;
  /** Lessons whose receipt was acknowledged as saved. */
  saved: number;
  /** Interruptions by the state in which the device last said to be. */
  readonly interruptedIn: Record<string, number>;
  /** How the updates of the devices ended. */
  readonly ends: Record<string, number>;
  /** What devices warned of, and how often; names of files and numbers are left out. */
  readonly warnings: Record<string, number>;
  /** The longest time from a start to the end of all updates, in milliseconds, where nobody interrupts. */
  longestEnd: number;
  /** Of all runs together. */
  seconds: number;
}

/**
 * Interrupts devices amid their updates, at moments that the seed draws, each again and again until its updates have
 * ended, or until a last life, in which they must end. Rejects with what is wrong where one of these does not hold:
 *
 * 1. Each start succeeds, and a base answers that was published, is whole, and was not refused.
 * 2. A start finds the last state that was said, or one that may follow on it.
 * 3. The base that answers and the one before it never know fewer labels than were acknowledged on them.
 * 4. Where a base was installed with `carry`, it knows at least as many labels as were acknowledged on the former one,
 *    or 2048: of more lessons a net keeps a sample for another base. On the way back, rule 3 holds for the former base:
 *    lessons of the probation go back with it only where no crash comes between.
 * 5. In the last life all updates end within a minute.
 */
export async function interruptUpdates(
  interruption: Interruption,
  { interruptions, seed, within = Number.POSITIVE_INFINITY, progress, withoutSync, say = () => {} }: CampaignOptions,
): Promise<Campaign> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-updates-'));
  try {
    const fleet = await publishedFleet(join(folder, 'fleet'), UPDATES);
    const campaign = await campaignSoFar(progress);
    const [began, before] = [performance.now(), campaign.seconds];
    while (campaign.interruptions < interruptions && performance.now() - began < within) {
      const random = new RandomGenerator(seed, `device ${campaign.devices}`);
      const files = { folder: await interruption.newFolder(campaign.devices), site: join(folder, 'offered') };
      const device = new InterruptedDevice(fleet, files, interruption, random, campaign, withoutSync);
      await device.live(Math.min(MOST_INTERRUPTIONS, interruptions - campaign.interruptions)).catch((failure) => {
        throw new Error(
          `${failure.message}\nseed ${seed}, device ${campaign.devices}\n${device.log.slice(-60).join('\n')}`,
        );
      });
      campaign.devices++;
      campaign.seconds = before + Math.round((performance.now() - began) / 1000);
      if (progress !== undefined) await writeFile(progress, JSON.stringify(campaign, undefined, 2));
      say(`${campaign.interruptions} interruptions, ${campaign.devices} devices, ${campaign.saved} lessons saved`);
    }
    return campaign;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function campaignSoFar(progress: string | undefined): Promise<Campaign> {
  const text = progress === undefined ? undefined : await readFile(progress, 'utf8').catch(() => undefined);
  if (text !== undefined) return JSON.parse(text);
  return {
    ...{ interruptions: 0, devices: 0, saved: 0, interruptedIn: {}, ends: {}, warnings: {} },
    ...{ longestEnd: 0, seconds: 0 },
  };
}

class InterruptedDevice {
  /** All that it has said, over its lives. */
  readonly log: string[] = [];
  readonly #fleet: PublishedFleet;
  readonly #files: { readonly folder: string; readonly site: string };
  readonly #interruption: Interruption;
  readonly #random: RandomGenerator;
  readonly #campaign: Campaign;
  readonly #withoutSync: boolean;
  readonly #isApproved: boolean;
  /** Labels that were acknowledged on each base. */
  readonly #acknowledged = new Map<string, number>();
  #refused: readonly string[] = [];
  /** Of this life; `start` until it has said one. */
  #state = 'start';
  /** The last one that was said in any life. */
  #durable: string | undefined;
  #wrong: string | undefined;
  #end: Line | undefined;

  constructor(
    fleet: PublishedFleet,
    files: { readonly folder: string; readonly site: string },
    interruption: Interruption,
    random: RandomGenerator,
    campaign: Campaign,
    withoutSync = false,
  ) {
    [this.#fleet, this.#files, this.#interruption] = [fleet, files, interruption];
    [this.#random, this.#campaign, this.#withoutSync] = [random, campaign, withoutSync];
    this.#isApproved = random.nextInteger(3) > 0; // else evidence ends the trials of worse bases
  }

  async live(interruptions: number): Promise<void> {
    await rm(this.#files.site, { force: true });
    await symlink(this.#fleet.sites[0]!, this.#files.site);
    for (let k = 0; k < interruptions && this.#end === undefined; k++) await this.#liveUntilInterrupted();
    if (this.#end === undefined) await this.#liveToTheEnd();
    const { bases } = this.#fleet;
    const runs = bases.findIndex(({ sha256 }) => sha256 === this.#end!.current);
    this.#note('ends', `base ${runs + 1} of ${bases.length} runs, ${this.#refused.length} were refused`);
  }

  async #liveUntilInterrupted(): Promise<void> {
    const transitions = this.#random.nextInteger(MOST_TRANSITIONS + 1);
    const [operations, milliseconds] = [MOST_OPERATIONS, MOST_MILLISECONDS].map((most) =>
      this.#random.nextInteger(most),
    );
    const isBefore = this.#random.nextInteger(2) === 0;
    const isByTime = this.#random.nextInteger(3) === 0;
    const { isKill } = this.#interruption;
    const life = this.#start(isByTime ? undefined : { transitions, operations, isBefore, isKill });
    const comes = isByTime ? life.transition(transitions).then(() => delay(milliseconds)) : life.stands;
    await Promise.race([life.hasEnded, comes]);
    await this.#interruption.interrupt(life);
    const [code, signal] = await life.hasEnded;
    this.#expectGood();
    if (code === 0) return;
    this.log.push(`interrupted in ${this.#state}`);
    if (signal !== 'SIGKILL') throw new Error(`a device has ended by itself with ${code}, in the state ${this.#state}`);
    this.#end = undefined;
    this.#campaign.interruptions++;
    this.#campaign.interruptedIn[this.#state] = (this.#campaign.interruptedIn[this.#state] ?? 0) + 1;
  }

  async #liveToTheEnd(): Promise<void> {
    const began = performance.now();
    const life = this.#start(undefined);
    const timer = setTimeout(() => life.child.kill('SIGKILL'), PATIENCE);
    const [code] = await life.hasEnded;
    clearTimeout(timer);
    this.#expectGood();
    if (code !== 0)
      throw new Error(`a device that nobody interrupted has not ended its updates: ${code}, ${this.#state}`);
    this.#campaign.longestEnd = Math.max(this.#campaign.longestEnd, Math.round(performance.now() - began));
  }

  #expectGood(): void {
    if (this.#wrong !== undefined) throw new Error(this.#wrong);
  }

  #start(moment: object | undefined): Life & {
    /** Resolves when it has said so many states; rather late than not at all. */
    readonly transition: (n: number) => Promise<void>;
    /** Resolves when it stands still. */
    readonly stands: Promise<void>;
  } {
    this.#state = 'start';
    const [{ bases, sites }, seed] = [this.#fleet, this.#random.nextInteger(2 ** 30)];
    const given = { ...this.#files, sites, bases, labels: LABELS, means: MEANS, isApproved: this.#isApproved };
    const words = { ...given, seed, moment, withoutSync: this.#withoutSync };
    const child = spawn(process.execPath, [DEVICE, JSON.stringify(words)], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.on('data', (text) => this.log.push(String(text)));
    const lines = createInterface({ input: child.stdout });
    let seen = 0;
    const waiting: { n: number; resolve: () => void }[] = [];
    let stand: () => void;
    const stands = new Promise<void>((resolve) => (stand = resolve));
    lines.on('line', (line) => {
      const event = this.#take(line);
      if (event === 'stands') stand();
      if (event === 'state' || event === 'start') seen++;
      for (const { n, resolve } of waiting) if (seen > n) resolve();
    });
    const hasEnded = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(
      ([exit]) => exit as [number | null, string | null],
    );
    return { child, hasEnded, stands, transition: (n) => new Promise((resolve) => waiting.push({ n, resolve })) };
  }

  /** Returns the event of a line. */
  #take(line: string): Line['event'] {
    let said: Line;
    try {
      said = JSON.parse(line);
    } catch {
      return undefined; // a kill has cut it
    }
    const { event, state, warning } = said;
    if (event !== 'saved') this.log.push(line);
    if (event === 'saved') this.#acknowledge(said.base!, said.known as number);
    if (warning !== undefined) this.#note('warnings', warning.replace(/\/\S+|\d+|[0-9a-f]{16,}/g, '…'));
    if (said.current !== undefined) this.#look(said);
    if (state !== undefined) [this.#state, this.#durable] = [state, state];
    if (event === 'end') this.#end = said;
    return event;
  }

  #note(list: 'warnings' | 'ends', key: string): void {
    this.#campaign[list][key] = (this.#campaign[list][key] ?? 0) + 1;
  }

  #acknowledge(base: string, known: number): void {
    this.#campaign.saved++;
    this.#acknowledged.set(base, Math.max(this.#acknowledged.get(base) ?? 0, known));
  }

  /** Compares what a device says to be with what it has said before. */
  #look({ event, state, answers, current, former, refused, known, carrying }: Line): void {
    const { bases } = this.#fleet;
    const name = (sha256?: string) => `base ${1 + bases.findIndex((each) => each.sha256 === sha256)}`;
    const expect = (isSo: boolean, wrong: string) => {
      if (!isSo) this.#wrong ??= `${event}: ${wrong}`;
    };
    expect(answers === current, `${name(answers)} answers, the journal says ${name(current)}`);
    expect(
      bases.some(({ sha256 }) => sha256 === answers),
      'a base answers that nobody published',
    );
    expect(!refused!.includes(answers!), `${name(answers)} answers, which was refused`);
    for (const each of this.#refused) expect(refused!.includes(each), `that ${name(each)} was refused is forgotten`);
    this.#refused = refused!;
    if (event === 'start' && this.#durable !== undefined) {
      const isOn = state === this.#durable || FOLLOWING[this.#durable]!.includes(state!);
      expect(isOn, `the journal says ${state}, after ${this.#durable}`);
    }
    const labels = known as Readonly<Record<string, number>>;
    for (const [base, least] of this.#acknowledged) {
      if (labels[base] === undefined) this.#acknowledged.delete(base);
      else
        expect(labels[base] >= least, `${name(base)} knows ${labels[base]} labels, ${least} were acknowledged on it`);
    }
    if (former === undefined || carrying !== 'carry') return;
    const least = Math.min(this.#acknowledged.get(former) ?? 0, MOST_CARRIED);
    const own = labels[current!]!;
    expect(own >= least, `${name(current)} was carried over with ${own} labels, ${name(former)} had ${least}`);
  }
}
