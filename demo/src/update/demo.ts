import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { writeModel } from '@spikewire/models';
import { Agent, type UpdateState } from 'spikewire/agent';
import { Host, type HostedModel } from 'spikewire/host';
import { withCleanup } from 'spikewire/session';
import { Score } from '../mill/score.ts';
import type { DemoOptions } from '../options.ts';
import { progressBar } from '../progress.ts';
import { Publisher, version } from './publisher.ts';
import { Pump, pumpModel } from './pump.ts';

const NAME = 'pump';
/** Random neurons of each version: the third has too few to tell the states apart. */
const NEURONS = { v1: 8, v2: 32, v3: 1 } as const;
type Version = keyof typeof NEURONS;

/** Readings before the second version is published, and until the end, if that is decided by then. */
const TAUGHT = 300;
const READINGS = 3000;
const MOST_READINGS = 4 * READINGS;
/** Over so many readings a share of right answers is taken. */
const STRETCH = 100;

/** A device decides every 5 s, and watches the former model for 1,000 readings and a day. */
const RULES = { lookEverySeconds: 3600, decideEverySeconds: 0.1, probationReadings: 300, probationSeconds: 0 };

const HONEST = [
  'An invented pump; the device, its update agent, the repository and its signatures are real, in a temporary folder.',
  `Faster than on a device: it looks at the evidence every ${RULES.decideEverySeconds} s instead of 5, and watches the`,
  `  former model for ${RULES.probationReadings} readings instead of 1,000 and a day; each reading has a label,`,
  '  where a person would label some. The evidence that an installation needs is the same.',
];

export interface UpdateDemoOptions extends Pick<DemoOptions, 'seconds' | 'signal' | 'say' | 'progress'> {
  readonly seed: number;
  readonly engine: string;
  readonly page: { readonly port: number };
  /** Gets the summary while everything is still open, and keeps the page open as long as its promise. */
  readonly onSummary: (summary: UpdateSummary, page: string) => Promise<void>;
}

/** Shares of right answers are of 100 readings, or null where there were none. */
export interface UpdateSummary {
  /** Whether both updates were decided. */
  readonly complete: boolean;
  readonly readings: number;
  /** States that the updates went through, in order. */
  readonly states: readonly UpdateState[];
  readonly v2: {
    readonly installed: boolean;
    /** How what was learned came along; null where it is not installed. */
    readonly learned: string | null;
    /** Just before the installation, and from the first answer after it. */
    readonly rightBefore: number | null;
    readonly rightAfter: number | null;
  };
  readonly v3: {
    readonly refused: boolean;
    readonly reason: string | null;
    /** Of the model that goes on, at the end. */
    readonly rightAtEnd: number | null;
  };
}

/** A device that takes a good model from a signed repository, and refuses a bad one. */
export function runUpdateDemo(options: UpdateDemoOptions): Promise<void> {
  return withCleanup(async (closers) => {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-demo-update-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    for (const line of HONEST) options.say(line);
    const publisher = await Publisher.begin(folder);
    const play = new Play(publisher, options);
    const given = { bytes: writeModel(play.model('v1')), name: `${NAME}.spike` };
    const agent = await Agent.open({
      ...{ folder: join(folder, 'update'), repository: publisher.folder, root: await publisher.root, given },
      ...{ wish: { model: NAME, channel: 'stable', groups: [] }, version: version(), rules: RULES, seed: options.seed },
      entered: (state) => play.entered(state),
    });
    closers.push(async () => agent!.close());
    const { base, onNewModel } = agent!;
    const host = await openHost(base!, onNewModel, join(folder, 'learned'), options);
    closers.push(() => host.close());
    options.say(`page ${host.pageUrl}`);
    await agent!.begin(host);
    closers.push(async () => agent!.updater?.stop());
    await play.run(agent!, host);
    await options.onSummary(play.summary, host.pageUrl!);
  });
}

async function openHost(
  base: HostedModel,
  onNewModel: Agent['onNewModel'],
  directory: string,
  { engine, seed, page, say }: UpdateDemoOptions,
) {
  const configuration = { net: '', learning: true, device: engine, threads: 0, seed, store: { directory } };
  const open = (port: number) => Host.open(base, { ...configuration, page: { port } }, { onNewModel });
  return open(page.port).catch((failure: Error) => {
    if (page.port === 0) throw failure;
    say(`page: ${failure.message}; taking a free port instead`);
    return open(0);
  });
}

/** The pump, who labels its readings, and who publishes models for it. */
class Play {
  readonly #publisher: Publisher;
  readonly #options: UpdateDemoOptions;
  readonly #pump: Pump;
  readonly #score = new Score();
  readonly #states: UpdateState[] = [];
  #agent: Agent | undefined;
  #host: Host | undefined;
  #readings = 0;
  #offered: Version = 'v1';
  #answers: Version = 'v1';
  /** Readings before the first answer of the second version. */
  #installedAt: number | undefined;
  #started = 0;

  constructor(publisher: Publisher, options: UpdateDemoOptions) {
    this.#publisher = publisher;
    this.#options = options;
    this.#pump = new Pump(options.seed);
  }

  model(version: Version) {
    const seeds = { v1: 0, v2: 1, v3: 2 };
    return pumpModel(this.#options.seed + seeds[version], NEURONS[version]);
  }

  async run(agent: Agent, host: Host): Promise<void> {
    [this.#agent, this.#host, this.#started] = [agent, host, performance.now()];
    this.#tell('v1 answers, and learns from labels what each state looks like');
    await this.#liveUntil(() => this.#readings >= TAUGHT);
    await this.#publish('v2');
    await this.#liveUntil(() => this.#isDecided);
    await this.#publish('v3');
    await this.#liveUntil(() => this.#isDecided && this.#readings >= READINGS);
  }

  /** Whether what is offered stays, or is refused. */
  get #isDecided(): boolean {
    const { state, refused } = this.#agent!.entry;
    return state === 'idle' && (refused.length > 0 || this.#answers === this.#offered);
  }

  async #publish(version: Version): Promise<void> {
    if (this.#isOver) return;
    this.#offered = version;
    await this.#publisher.publish(NAME, this.model(version));
    const { v2, v3 } = NEURONS;
    const what = version === 'v3' ? `, a bad one: ${v3} neuron instead of ${v2}` : ` with ${NEURONS[version]} neurons`;
    this.#tell(`the repository publishes ${version}, signed${what}`);
    this.#agent!.updater!.lookNow();
  }

  get #isOver(): boolean {
    return this.#options.signal.aborted || this.#readings >= MOST_READINGS;
  }

  async #liveUntil(isSo: () => boolean): Promise<void> {
    const { seconds, signal, progress } = this.#options;
    while (!this.#isOver && !isSo()) {
      await this.#live();
      progress(`${progressBar(Math.min(this.#readings, READINGS), READINGS)} readings; ${this.#line}`);
      const early = this.#started + (this.#readings / READINGS) * seconds * 1000 - performance.now();
      if (early > 4) await pause(early, undefined, { signal }).catch(() => {});
    }
  }

  async #live(): Promise<void> {
    const { reading, state } = this.#pump.next();
    await nextTurn(); // a reading comes from outside
    const { result } = await this.#host!.desk.feed('', reading);
    this.#score.add(result === state);
    this.#readings++;
    await this.#host!.desk.teach('', { kind: 'label', label: state, time: reading.time });
    // The model on trial is taught what was learned first. A device that gets a reading a second has the time.
    const { entry, readings } = this.#agent!.updater!;
    if (entry.state === 'shadow' && readings === 0) await pause(20);
  }

  get #line(): string {
    const right = percent(this.#score.since(Math.max(0, this.#readings - STRETCH)));
    return `${this.#answers} answers, ${right} right; ${this.#agent!.entry.state}`;
  }

  /** Says in words what an update does now. */
  entered(state: UpdateState): void {
    this.#states.push(state);
    if (state === 'probation') [this.#answers, this.#installedAt] = [this.#offered, this.#readings];
    const line = this.#wordsOf(state);
    if (line !== undefined) this.#tell(line);
  }

  #wordsOf(state: UpdateState): string | undefined {
    const [now, next] = [this.#answers, this.#offered];
    const { chosen, refused, current } = this.#agent!.entry;
    switch (state) {
      case 'check':
        return 'the device looks into the repository, and checks its signatures';
      case 'download':
        return `it downloads ${next}`;
      case 'verify':
        return `it verifies ${next}: its SHA-256 is the signed one; can this device run it?`;
      case 'shadow':
        return (
          `yes: ${next} is taught the lessons that the device has kept, and tried beside ${now}; ` +
          `only ${now} answers`
        );
      case 'install':
        return `labels show that ${next} is not worse (${this.#evidence}); it is installed (${chosen})`;
      case 'probation':
        return `${next} answers, with what the device had learned (${current!.carrying}); v1 is watched beside it`;
      case 'commit':
        return `${now} was not worse than v1 in its probation: it stays`;
      case 'rollback':
        return `it goes back from ${now}`;
      case 'idle':
        return refused.length === 0 ? undefined : `${next} is refused, and ${now} continues: ${refused.at(-1)!.reason}`;
    }
  }

  get #evidence(): string {
    const { chosen } = this.#agent!.entry;
    const way = this.#agent!.status?.trial.find(({ carrying }) => carrying === chosen);
    if (way === undefined) return 'approved';
    const { compared, differed, newRight, oldRight } = way;
    return `${compared} readings, ${differed} answers differ; the new one was right ${newRight} times, the old ${oldRight}`;
  }

  #tell(line: string): void {
    this.#options.say(`reading ${String(this.#readings).padStart(4)}: ${line}`);
  }

  get summary(): UpdateSummary {
    const { refused, current } = this.#agent!.entry;
    const at = this.#installedAt;
    const refusal = this.#offered === 'v3' ? refused.at(-1) : undefined;
    return {
      complete: at !== undefined && refusal !== undefined,
      readings: this.#readings,
      states: this.#states,
      v2: {
        installed: at !== undefined,
        learned: at === undefined ? null : current!.carrying,
        rightBefore: at === undefined ? null : this.#score.since(at - STRETCH, at),
        rightAfter: at === undefined ? null : this.#score.since(at, at + STRETCH),
      },
      v3: {
        refused: refusal !== undefined,
        reason: refusal?.reason ?? null,
        rightAtEnd: this.#score.since(Math.max(0, this.#readings - STRETCH)),
      },
    };
  }
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(0)} %`;
}
