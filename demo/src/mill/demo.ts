import { setTimeout as delay } from 'node:timers/promises';
import { classifierModel, featureCandidates, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { DeskSource, startDashboard } from 'spikewire/dashboard';
import { InferenceWorker } from 'spikewire/executor';
import { Host, type HostConfiguration } from 'spikewire/host';
import type { MqttLink } from 'spikewire/mqtt';
import type { NetPool, TaughtFigures } from 'spikewire/session';
import { connectDemo, stopped } from '../motes-link.ts';
import type { DemoOptions } from '../options.ts';
import { progressBar } from '../progress.ts';
import { onStage } from '../stage.ts';
import { BLOCK, BLOCKS, INTRODUCED, Mill, RATE, STATES, STEADY } from './mill.ts';
import { Score } from './score.ts';

const ROUTES = { in: 'mill/vibration', out: 'mill/state' } as const;
const NOTICE =
  'A simulated mill. The net was taught its first 90 blocks; then a copy was frozen. ' +
  'From block 120 to 220 speed, resonance, sensor and noise change. ' +
  'Press what the machine is, about twenty times: the net is right again, the frozen copy is not.';

export interface MillDemoOptions extends Pick<DemoOptions, 'mqtt' | 'seconds' | 'signal' | 'say' | 'progress'> {
  readonly seed: number;
  readonly engine: string;
  readonly dashboard: { readonly host: string; readonly port: number };
  /** Share of the blocks after the introduced ones that an operator labels; 0: those at the page teach. */
  readonly labels: number;
  /** Gets the summary while everything is still open, and keeps the page open as long as its promise. */
  readonly onSummary: (summary: MillSummary, page: string) => Promise<void>;
}

/** Shares of right answers are of all blocks, labelled or not: the simulation knows. */
export interface MillSummary {
  readonly complete: boolean;
  readonly blocks: number;
  readonly labels: number;
  readonly taught: MillScore;
  /** The same net, frozen after the introduced blocks. */
  readonly frozen: MillScore;
}

export interface MillScore {
  /** While it drifted. */
  readonly right: number | null;
  /** Over stretches of 60 blocks, from the first. */
  readonly course: readonly (number | null)[];
}

/** A classifier taught by button on a simulated machine, over MQTT, beside the same net frozen. */
export async function runMillDemo(options: MillDemoOptions): Promise<void> {
  const model = classifierModel({
    channels: [{ name: 'vibration', unit: 'g' }],
    labels: STATES,
    features: featureCandidates({ block: BLOCK, rate: RATE })[0]!.stages,
    seed: options.seed,
  });
  const bytes = writeModel(model);
  const { seed, say } = options;
  const source = new InferenceWorker(engineNamed(options.engine).name);
  await onStage(options, seed, async ({ url, broker, motes: sender, closers }) => {
    closers.push(() => source.close());
    const open = async (where: Pick<HostConfiguration, 'stream' | 'net'>) => {
      const host = await Host.open({ bytes }, { ...where, seed }, { source, warn: say });
      closers.push(() => host.close());
      return host;
    };
    const taught = await open({ stream: ROUTES });
    const frozen = await open({ net: '' });
    const stream = taught.stream!;
    const mill = new Mill(seed);
    const twin: Twin = { answer: null };
    const page = await openPage(taught, mill, twin, options);
    closers.push(() => page.close());
    const device = await connectDemo(url, { role: 'device', seed, subscriptions: stream.subscriptions, say });
    closers.push(() => device.close());
    stream.attach(device);
    say(`broker ${broker}, page ${page.url}`);
    const play = new Play(sender, { pool: frozen.pool, twin }, mill, options);
    await play.run();
    const figures = await taught.pool.use('', ({ session }) => session.taught!.figures);
    await options.onSummary(play.summary(figures), page.url);
  });
}

/** What the frozen net said of the newest block. */
interface Twin {
  answer: string | null;
}

async function openPage({ desk, stream }: Host, mill: Mill, twin: Twin, { dashboard, say }: MillDemoOptions) {
  const source = new DeskSource(desk, {
    title: 'spikewire demo: a milling machine',
    notices: [NOTICE],
    names: new Map([['', 'mill']]),
    input: ROUTES.in,
    simulated: (_, time) => ({ truth: mill.stateOf(time / 1000 - 1), frozen: twin.answer }),
    messages: () => stream!.counters,
  });
  return startDashboard(source, dashboard).catch((failure: Error) => {
    say(`page: ${failure.message}; taking a free port instead`);
    return startDashboard(source, { ...dashboard, port: 0 });
  });
}

/** The mill and its operator: blocks out, answers in, now and then a word about one. */
class Play {
  readonly #link: MqttLink;
  readonly #frozen: { readonly pool: NetPool; readonly twin: Twin };
  readonly #options: MillDemoOptions;
  readonly #mill: Mill;
  readonly #scores = { taught: new Score(), frozen: new Score() };
  readonly #every: number;
  #blocks = 0;
  /** Labels that the operator gave before the base was set: those since then are counted by the net. */
  #introduced = 0;
  #answer: (result: string | null) => void = () => {};
  #fail: (problem: Error) => void = () => {};

  constructor(
    link: MqttLink,
    frozen: { readonly pool: NetPool; readonly twin: Twin },
    mill: Mill,
    options: MillDemoOptions,
  ) {
    this.#link = link;
    this.#frozen = frozen;
    this.#options = options;
    this.#mill = mill;
    this.#every = options.labels > 0 ? Math.round(1 / options.labels) : Number.POSITIVE_INFINITY;
  }

  async run(): Promise<void> {
    const { seconds, signal, progress } = this.#options;
    await this.#link.subscribe(ROUTES.out, ({ payload }) => this.#answer(read(payload).result as string | null));
    await this.#link.subscribe(`${ROUTES.out}/error`, ({ payload }) =>
      this.#fail(stopped(String(read(payload).error))),
    );
    let started = performance.now();
    for (let k = 0; k < BLOCKS && !signal.aborted; k++) {
      await this.#playBlock(k);
      progress(`${progressBar(k + 1, BLOCKS)} blocks, the mill is ${this.#mill.stateOf(k)}; ${this.#line()}`);
      // What is introduced is played at once: it is what the net knew before.
      if (k < INTRODUCED) started = performance.now();
      const shown = Math.max(0, k + 1 - INTRODUCED) / (BLOCKS - INTRODUCED);
      const early = started + shown * seconds * 1000 - performance.now();
      if (early > 4) await delay(early, undefined, { signal }).catch(() => {});
    }
  }

  async #playBlock(k: number): Promise<void> {
    const [state, values] = [this.#mill.stateOf(k), this.#mill.blockOf(k)];
    const hasAnswer = await this.#playFrozen(k, values);
    const answered = new Promise<string | null>((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
    });
    await this.#link.publish(ROUTES.in, JSON.stringify({ t: k + 1, values: { vibration: Array.from(values) } }));
    this.#scores.taught.add(hasAnswer ? (await answered) === state : undefined);
    if (hasAnswer) await this.#operate(k);
    this.#blocks = k + 1;
  }

  /** What is said of a block that was answered: of each while the mill is introduced, then by the operator. */
  async #operate(k: number): Promise<void> {
    if (k >= INTRODUCED && k % this.#every !== 0) return;
    await this.#tell(`${ROUTES.in}/label`, { label: this.#mill.stateOf(k), t: k + 1 });
    if (k < INTRODUCED) this.#introduced++;
    if (k === INTRODUCED - 1) await this.#tell(`${ROUTES.in}/command`, { command: 'settle' });
  }

  async #tell(topic: string, order: object): Promise<void> {
    await this.#link.publish(topic, JSON.stringify(order));
  }

  /** The same net, which hears of the first blocks only; whether a block completes a sample, so that it is answered. */
  #playFrozen(k: number, values: Float64Array): Promise<boolean> {
    const state = this.#mill.stateOf(k);
    return this.#frozen.pool.use('', async (kept) => {
      const { result, pending = false } = await kept.feed({ time: k + 1, values });
      this.#frozen.twin.answer = typeof result === 'string' ? result : null;
      this.#scores.frozen.add(pending ? undefined : result === state);
      if (!pending && k < INTRODUCED) await kept.teach({ kind: 'label', label: state, time: undefined });
      if (k === INTRODUCED - 1) {
        await kept.settle();
        await kept.setLearning(false);
      }
      return !pending;
    });
  }

  #line(): string {
    const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);
    const { taught, frozen } = this.#scores;
    const from = Math.min(STEADY, Math.max(0, this.#blocks - 1));
    return `right ${percent(taught.since(from))}, frozen ${percent(frozen.since(from))}`;
  }

  summary({ labels }: TaughtFigures): MillSummary {
    const scoreOf = (score: Score) => ({ right: score.since(STEADY), course: score.course });
    return {
      complete: this.#blocks === BLOCKS,
      blocks: this.#blocks,
      labels: labels + (this.#blocks < INTRODUCED ? 0 : this.#introduced),
      taught: scoreOf(this.#scores.taught),
      frozen: scoreOf(this.#scores.frozen),
    };
  }
}

function read(payload: Uint8Array): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(payload).toString('utf8'));
}
