import { rm } from 'node:fs/promises';
import { nextReadingModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { startDashboard, StreamSource } from '../dashboard/index.ts';
import { loadMoteStreams } from '../data/wsn.ts';
import { engineNamed } from '../engine/engines.ts';
import { InferenceWorker } from '../executor/worker-executor.ts';
import { MqttLink } from '../stream/mqtt-link.ts';
import { NetPool } from '../stream/net-pool.ts';
import type { Outcome } from '../stream/session.ts';
import { Stream } from '../stream/stream.ts';
import { startEmbeddedBroker } from './broker.ts';
import { absoluteError, type ComparedScore, compareBaselines } from './comparisons.ts';
import { MOTE_CHANNELS, Plant } from './plant.ts';
import { Replay } from './replay.ts';
import { type MovedSensor, Scorecard } from './scorecard.ts';

/** One sensor is moved for ever, so that a person sees within a minute what learning does. */
const MOVED: MovedSensor = { stream: 'single-hop-2', reading: 2000, shift: 3 };
const RANGE_WARM_UP = 300;
/**
 * Learned weights may grow to this many times the largest one at the start: the weather outside moves a mote by fifteen times
 * the range of its first 25 minutes, and what the range does not cover the decoders must.
 */
const HEADROOM = 32;
const ROUTES = { in: 'motes/+/reading', out: 'motes/+/prediction' } as const;

export interface DemoOptions {
  /** Broker to use; an embedded one where absent. */
  readonly mqtt?: string;
  readonly store: string;
  /** Forget what an earlier run learned. */
  readonly fresh: boolean;
  /** Seconds for the whole replay; 0: as fast as possible. */
  readonly seconds: number;
  /** Errors above this many times their learned range are flagged. */
  readonly sensitivity?: number;
  /** Readings after a flag in which no new episode begins. */
  readonly holdOff?: number;
  readonly seed: number;
  /** Engine by name. */
  readonly engine: string;
  readonly dashboard: { readonly host: string; readonly port: number };
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly progress: (line: string) => void;
  /** Gets the summary while everything is still open, and keeps the page open as long as its promise. */
  readonly onSummary: (summary: DemoSummary, page: string) => Promise<void>;
}

export interface DemoSummary {
  readonly model: { readonly digest: string; readonly bytes: number; readonly neurons: number };
  readonly moved: MovedSensor;
  readonly sensitivity: number;
  readonly holdOff: number;
  /** Readings that a run before this one had already learned from. */
  readonly resumedAt: number;
  readonly complete: boolean;
  readonly learning: ComparedScore;
  /** Undefined when the replay was stopped early. */
  readonly frozen: ComparedScore | undefined;
  readonly baselines: readonly ComparedScore[] | undefined;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly answers: number };
  readonly spikesPerReading: number;
  readonly synapticOperationsPerReading: number;
  readonly memory: { readonly residentBytes: number; readonly networkBytes: number };
  readonly saves: { readonly count: number; readonly bytes: number };
  readonly messages: { readonly received: number; readonly bad: number; readonly published: number; readonly dropped: number };
}

/**
 * The main job on recorded data: eight motes over MQTT, a net each that predicts the next reading, learns from the error and flags
 * what it did not foresee; what it learned survives the end of the process, however that comes.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const plant = new Plant(await loadMoteStreams(), MOVED);
  const monitor = {
    ...(options.sensitivity === undefined ? {} : { sensitivity: options.sensitivity }),
    ...(options.holdOff === undefined ? {} : { holdOff: options.holdOff }),
  };
  const model = quantize(nextReadingModel({ channels: MOTE_CHANNELS, rangeWarmUp: RANGE_WARM_UP, monitor, seed: options.seed }), { bits: 8, headroom: HEADROOM });
  const modelBytes = writeModel(model);
  await new Demo(plant, modelBytes, options).run();
}

/** What adds up over the readings of all nets. */
interface Work {
  readings: number;
  spikes: number;
  synapticOperations: number;
}

class Demo {
  readonly #plant: Plant;
  readonly #modelBytes: Uint8Array;
  readonly #options: DemoOptions;
  readonly #scoring: { warmUp: number; holdOff: number };
  readonly #card: Scorecard;
  readonly #worker: InferenceWorker;
  readonly #work: Work = { readings: 0, spikes: 0, synapticOperations: 0 };
  #pool: NetPool;

  constructor(plant: Plant, modelBytes: Uint8Array, options: DemoOptions) {
    this.#plant = plant;
    this.#modelBytes = modelBytes;
    this.#options = options;
    this.#worker = new InferenceWorker(engineNamed(options.engine).name);
    this.#pool = this.#openPool();
    const { warmUp, holdOff } = this.#monitor;
    this.#scoring = { warmUp: RANGE_WARM_UP + warmUp + 1, holdOff };
    this.#card = new Scorecard(plant.streams, plant.moved, this.#scoring);
  }

  get #monitor() {
    return this.#pool.model.monitor!;
  }

  #openPool(): NetPool {
    const { store, seed, say } = this.#options;
    return new NetPool(this.#modelBytes, this.#worker, {
      directory: store,
      saveEverySeconds: 2,
      seed,
      warn: say,
      listener: (key, outcome) => this.#take(key, outcome),
      notes: (key) => this.#card.save(key),
    });
  }

  #take(key: string, outcome: Outcome): void {
    const anomaly = outcome.verdict?.anomaly ?? false;
    this.#card.take(key, outcome.sequence - 1, { anomaly, error: absoluteError(outcome.expected, outcome.values) });
    if (outcome.window === undefined) return;
    this.#work.readings++;
    this.#work.spikes += outcome.spikes;
    this.#work.synapticOperations += outcome.synapticOperations;
  }

  async run(): Promise<void> {
    const { say, progress, signal } = this.#options;
    const broker = this.#options.mqtt === undefined ? await startEmbeddedBroker() : undefined;
    const url = this.#options.mqtt ?? broker!.url;
    const closers: (() => Promise<unknown>)[] = [];
    if (broker !== undefined) closers.push(() => broker.close());
    closers.push(() => this.#worker.close());
    try {
      const resumed = await this.#resume();
      closers.push(() => this.#pool.close());
      const stream = new Stream(this.#pool, { routes: ROUTES, warn: say });
      const page = await this.#openPage(stream);
      closers.push(() => page.close());
      const device = await MqttLink.connect(url, this.#linkOptions('device', stream.subscriptions));
      closers.push(() => device.close());
      stream.attach(device);
      const { replay, close } = await this.#openReplay(url, resumed);
      closers.push(close);
      this.#introduce(url, page.url);
      await replay.run();
      progress('');
      const complete = !signal.aborted;
      const compared = complete ? await this.#compare() : undefined;
      await this.#options.onSummary(await this.#summarise(stream, replay, resumed, complete, compared), page.url);
    } finally {
      for (const close of closers.reverse()) await close();
    }
  }

  /** Opens all nets and says from where they go on. A run that was complete, or `fresh`, starts anew. */
  async #resume(): Promise<Map<string, number>> {
    if (this.#options.fresh) await this.#forget('starting anew, as asked');
    let taken = await this.#openNets();
    if (this.#plant.streams.every(({ id, readings }) => taken.get(id)! >= readings.length)) {
      await this.#pool.close();
      this.#pool = this.#openPool();
      await this.#forget('the last run was complete: starting anew');
      taken = await this.#openNets();
    }
    const readings = [...taken.values()].reduce((sum, count) => sum + count, 0);
    if (readings > 0) {
      const saved = await Promise.all(this.#plant.streams.map(async ({ id }) => (await this.#pool.get(id)).saved?.sequence ?? 0n));
      this.#options.say(`resumed what was learned from ${readings} readings (store ${this.#options.store}, saves ${saved.join(', ')})`);
    }
    return taken;
  }

  async #forget(reason: string): Promise<void> {
    this.#options.say(reason);
    await rm(this.#options.store, { recursive: true, force: true });
  }

  async #openNets(): Promise<Map<string, number>> {
    const taken = new Map<string, number>();
    for (const { id } of this.#plant.streams) {
      const kept = await this.#pool.get(id);
      if (kept.restoredNotes !== undefined) this.#card.restore(id, kept.restoredNotes);
      taken.set(id, kept.session.sequence);
    }
    return taken;
  }

  async #openPage(stream: Stream) {
    const source = new StreamSource(stream, {
      title: 'spikewire demo: eight motes',
      notices: [this.#movedNotice(), 'Steam was let near four motes for a while: those are the labelled events.'],
      names: new Map(this.#plant.streams.map(({ id, name }) => [id, name])),
    });
    const { host, port } = this.#options.dashboard;
    try {
      return await startDashboard(source, { host, port });
    } catch (failure) {
      this.#options.say(`page: ${(failure as Error).message}; taking a free port instead`);
      return startDashboard(source, { host, port: 0 });
    }
  }

  #movedNotice(): string {
    const { stream, reading, shift } = this.#plant.moved;
    const name = this.#plant.streams.find(({ id }) => id === stream)!.name;
    return `The temperature sensor of ${name} is moved by +${shift} °C at reading ${reading}, for ever.`;
  }

  #linkOptions(role: string, subscriptions: Stream['subscriptions'] | readonly []) {
    const random = new RandomGenerator(this.#options.seed, role);
    // The process is in the name: two demos on one broker must not throw each other out.
    const clientId = `spikewire-demo-${role}-${process.pid}`;
    return { clientId, random: () => random.nextUniform(), subscriptions, onWarning: this.#options.say };
  }

  async #openReplay(url: string, from: ReadonlyMap<string, number>) {
    const { seconds, signal } = this.#options;
    const motes = await MqttLink.connect(url, this.#linkOptions('motes', []));
    const replay = new Replay(motes, this.#plant, {
      topicOf: (id) => ROUTES.in.replace('+', id),
      from,
      seconds,
      signal,
      onProgress: (index) => this.#showProgress(index),
    });
    await motes.subscribe(ROUTES.out, ({ topic, payload }) => {
      const { seq } = JSON.parse(Buffer.from(payload).toString('utf8')) as { seq: number };
      replay.answer(topic.split('/')[1]!, seq);
    });
    return { replay, close: () => motes.close() };
  }

  #introduce(url: string, page: string): void {
    const { say } = this.#options;
    say(`broker ${url}, page ${page}`);
    say(this.#movedNotice());
  }

  #lastProgress = 0;
  #showProgress(index: number): void {
    const now = performance.now();
    if (now - this.#lastProgress < 100 && index < this.#plant.length) return;
    this.#lastProgress = now;
    const { found, falseEpisodes, flagged } = this.#card.score();
    const share = Math.floor((30 * index) / this.#plant.length);
    const bar = `${'█'.repeat(share)}${'░'.repeat(30 - share)}`;
    const flags = Number.isFinite(flagged) ? `${found} of 4 events, ${falseEpisodes} false episodes, ${(100 * flagged).toFixed(2)} % flagged` : 'warming up';
    this.#options.progress(`${bar} reading ${index} of ${this.#plant.length} on 8 motes: ${flags}`);
  }

  async #compare() {
    const { say } = this.#options;
    say('comparing with the same net frozen after its warm-up, and with simple detectors …');
    const frozen = await this.#scoreFrozen();
    const baselines = await compareBaselines(this.#plant, { monitor: this.#monitor, rangeWarmUp: RANGE_WARM_UP, scoring: this.#scoring });
    return { frozen, baselines };
  }

  /** The same nets on the same readings, with decoders and ranges as they are after the warm-up. */
  async #scoreFrozen(): Promise<ComparedScore> {
    const card = new Scorecard(this.#plant.streams, this.#plant.moved, this.#scoring);
    const pool = new NetPool(this.#modelBytes, this.#worker, { seed: this.#options.seed });
    await Promise.all(
      this.#plant.streams.map(async (stream) => {
        const { session } = await pool.get(stream.id);
        for (const index of stream.readings.keys()) {
          const { expected, values, verdict, warmUp } = await session.feed(this.#plant.reading(stream, index)!);
          if (session.learning && warmUp.done >= warmUp.of) await session.setLearning(false);
          card.take(stream.id, index, { anomaly: verdict?.anomaly ?? false, error: absoluteError(expected, values) });
        }
      }),
    );
    await pool.close();
    return { name: 'frozen after the warm-up', score: card.score() };
  }

  async #summarise(
    stream: Stream,
    { latency }: Replay,
    resumed: ReadonlyMap<string, number>,
    complete: boolean,
    compared: { frozen: ComparedScore; baselines: ComparedScore[] | undefined } | undefined,
  ): Promise<DemoSummary> {
    const nets = await Promise.all(this.#plant.streams.map(({ id }) => this.#pool.get(id)));
    const saved = await Promise.all(nets.map((net) => net.save()));
    const { model } = this.#pool;
    const { received, bad, published } = stream.counters;
    const { sensitivity, holdOff } = this.#monitor;
    return {
      model: { digest: nets[0]!.digest, bytes: this.#modelBytes.length, neurons: Number(model.provenance.neurons) },
      moved: this.#plant.moved,
      sensitivity,
      holdOff,
      resumedAt: [...resumed.values()].reduce((sum, count) => sum + count, 0),
      complete,
      learning: { name: 'learning', score: this.#card.score() },
      frozen: compared?.frozen,
      baselines: compared?.baselines,
      latencyMs: { p50: latency.quantile(0.5), p99: latency.quantile(0.99), answers: latency.count },
      spikesPerReading: this.#work.spikes / this.#work.readings,
      synapticOperationsPerReading: this.#work.synapticOperations / this.#work.readings,
      memory: { residentBytes: process.memoryUsage.rss(), networkBytes: nets[0]!.session.executor.bytes },
      saves: { count: saved.reduce((sum, { sequence }) => sum + Number(sequence), 0), bytes: nets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0) },
      messages: { received, bad, published, dropped: stream.dropped },
    };
  }
}
