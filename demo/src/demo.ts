import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Model, NEXT_READING_HEADROOM, nextReadingModel, quantize, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { DeskSource, startDashboard } from 'spikewire/dashboard';
import { InferenceWorker } from 'spikewire/executor';
import { Host } from 'spikewire/host';
import type { Stream } from 'spikewire/mqtt';
import { folderName, type KeptSession, type Outcome } from 'spikewire/session';
import { type ComparedScore, compareBaselines } from './comparisons.ts';
import { connectDemo, hearAnswers, hearRefusals, stopped } from './motes-link.ts';
import { type DemoOptions, monitorSettings } from './options.ts';
import { MOTE_CHANNELS, type Plant } from './plant.ts';
import { Progress, progressBar } from './progress.ts';
import { Replay } from './replay.ts';
import {
  aboutMotes,
  loadPlant,
  monitorOf,
  movedNotice,
  RANGE_WARM_UP,
  ROUTES,
  readingTopic,
  scoringOf,
} from './scene.ts';
import { absoluteError, Scorecard } from './scorecard.ts';
import { onStage, type Stage } from './stage.ts';
import { sum } from './sum.ts';
import type { ReplaySummary } from './summary.ts';
import type { MoteStream } from './wsn.ts';

export interface SensorDemoOptions extends DemoOptions {
  readonly seed: number;
  /** Engine by name. */
  readonly engine: string;
  readonly dashboard: { readonly host: string; readonly port: number };
  /** Gets the summary while everything is still open, and keeps the page open as long as its promise. */
  readonly onSummary: (summary: DemoSummary, page: string) => Promise<void>;
}

export interface DemoSummary extends ReplaySummary {
  readonly model: { readonly digest: string; readonly bytes: number; readonly neurons: number };
  /** Undefined when the replay or the comparison was stopped early. */
  readonly frozen: ComparedScore | undefined;
  readonly baselines: readonly ComparedScore[] | undefined;
  readonly synapticOperationsPerReading: number;
  readonly memory: { readonly residentBytes: number; readonly networkBytes: number };
  readonly saves: { readonly count: number; readonly bytes: number };
  readonly messages: {
    readonly received: number;
    readonly bad: number;
    readonly published: number;
    readonly dropped: number;
  };
}

/**
 * The main job on recorded data: eight motes over MQTT, a net each that predicts the next reading, learns from the
 * error and flags what it did not foresee; what it learned survives the end of the process, however that comes.
 */
export async function runDemo(options: SensorDemoOptions): Promise<void> {
  const plant = await loadPlant();
  const model = nextReadingModel({ channels: MOTE_CHANNELS, rangeWarmUp: RANGE_WARM_UP, seed: options.seed });
  await new Demo(plant, quantize(model, { bits: 8, headroom: NEXT_READING_HEADROOM }), options).run();
}

/** What adds up over the readings of all nets. */
interface Work {
  readings: number;
  spikes: number;
  synapticOperations: number;
}

class Demo {
  readonly #plant: Plant;
  readonly #model: Model;
  readonly #bytes: Uint8Array;
  readonly #options: SensorDemoOptions;
  readonly #scoring: { warmUp: number; holdOff: number };
  readonly #worker: InferenceWorker;
  readonly #progress: Progress;
  #card: Scorecard;
  readonly #work: Work = { readings: 0, spikes: 0, synapticOperations: 0 };
  #host: Host | undefined;
  #source: DeskSource | undefined;

  constructor(plant: Plant, model: Model, options: SensorDemoOptions) {
    this.#plant = plant;
    this.#model = model;
    this.#bytes = writeModel(model);
    this.#options = options;
    this.#progress = new Progress(plant.length, options.progress);
    this.#worker = new InferenceWorker(engineNamed(options.engine).name);
    this.#scoring = scoringOf(this.#monitor);
    this.#card = this.#newCard();
  }

  #newCard(): Scorecard {
    return new Scorecard(this.#plant.streams, this.#plant.moved, this.#scoring);
  }

  get #monitor() {
    return monitorOf(this.#model, this.#settings);
  }

  get #settings() {
    return monitorSettings(this.#options);
  }

  async #openHost(): Promise<void> {
    const { store: directory, seed, say } = this.#options;
    const store = { directory, required: true, saveEverySeconds: 2 };
    this.#host = await Host.open(
      { bytes: this.#bytes },
      { seed, store, stream: ROUTES },
      {
        source: this.#worker,
        warn: say,
        listener: (key, outcome) => this.#take(key, outcome),
        notes: (key) => this.#notesOf(key),
      },
    );
  }

  /** The score of a net and what the page keeps of it, in one object: each reads of it what is its own. */
  #notesOf(key: string): string {
    const past = this.#source?.notesOf(key);
    return JSON.stringify({ ...JSON.parse(this.#card.save(key)), ...(past === undefined ? {} : JSON.parse(past)) });
  }

  #take(key: string, outcome: Outcome): void {
    const anomaly = outcome.verdict?.anomaly ?? false;
    this.#card.take(key, outcome.sequence - 1, { anomaly, error: absoluteError(outcome.expected, outcome.values) });
    if (outcome.window === undefined) return;
    this.#work.readings++;
    this.#work.spikes += outcome.spikes;
    this.#work.synapticOperations += outcome.synapticOperations;
  }

  run(): Promise<void> {
    const { say, seed, signal, onSummary } = this.#options;
    return onStage(this.#options, seed, async (stage) => {
      const { url, closers } = stage;
      closers.push(() => this.#worker.close());
      closers.push(async () => this.#host?.close());
      const resumed = await this.#resume();
      const stream = this.#host!.stream!;
      const page = await this.#openPage(stream);
      closers.push(() => page.close());
      const device = await connectDemo(url, { role: 'device', seed, subscriptions: stream.subscriptions, say });
      closers.push(() => device.close());
      stream.attach(device);
      const replay = await this.#openReplay(stage, resumed);
      say(`broker ${stage.broker}, page ${page.url}`);
      say(movedNotice(this.#plant));
      await replay.run();
      const complete = !signal.aborted;
      const compared = complete ? await this.#compare() : undefined;
      await onSummary(await this.#summarise(stream, replay, resumed, complete, compared), page.url);
    });
  }

  /** Opens all nets and says from where they go on. A run that was complete, or `fresh`, starts anew. */
  async #resume(): Promise<Map<string, number>> {
    await this.#openHost();
    const taken = await this.#openNets();
    const complete = this.#plant.streams.every(({ id, readings }) => taken.get(id)! >= readings.length);
    const readings = sum(taken.values());
    if (readings > 0 && (complete || this.#options.fresh)) {
      return this.#startAnew(complete ? 'the last run was complete: starting again' : 'starting again, as asked');
    }
    if (readings > 0) {
      const saves = await this.#onEachNet(({ saved }) => saved?.sequence ?? 0n);
      this.#options.say(
        `resumed what was learned from ${readings} readings (store ${this.#options.store}, saves ${saves.join(', ')})`,
      );
    }
    return taken;
  }

  /**
   * Forgets what was learned, when this process holds the stores and so nobody else does; touches no folder but its own
   * nets'.
   */
  async #startAnew(reason: string): Promise<Map<string, number>> {
    this.#options.say(reason);
    await this.#host!.close();
    for (const { id } of this.#plant.streams) {
      await rm(join(this.#options.store, folderName(id)), { recursive: true, force: true });
    }
    await this.#openHost();
    this.#card = this.#newCard();
    return this.#openNets();
  }

  /** Readings that each net has taken. */
  async #openNets(): Promise<Map<string, number>> {
    const taken = await this.#onEachNet((kept, id) => {
      if (kept.restoredNotes !== undefined) this.#card.restore(id, kept.restoredNotes);
      this.#configure(kept);
      return [id, kept.session.sequence] as const;
    });
    return new Map(taken);
  }

  #configure(kept: KeptSession): void {
    if (Object.keys(this.#settings).length > 0) kept.configure(this.#settings);
  }

  #onEachNet<T>(task: (kept: KeptSession, id: string) => T | Promise<T>): Promise<T[]> {
    return Promise.all(this.#plant.streams.map(({ id }) => this.#host!.pool.use(id, (kept) => task(kept, id))));
  }

  async #openPage(stream: Stream) {
    const source = new DeskSource(stream.desk, {
      messages: () => stream.counters,
      title: 'spikewire demo: eight motes',
      names: new Map(this.#plant.streams.map(({ id, name }) => [id, name])),
      about: aboutMotes(this.#plant),
      opensOn: this.#plant.moved.stream,
      input: ROUTES.in,
    });
    for (const { id } of this.#plant.streams) await source.meet(id);
    this.#source = source;
    const { host, port } = this.#options.dashboard;
    try {
      return await startDashboard(source, { host, port });
    } catch (failure) {
      this.#options.say(`page: ${(failure as Error).message}; taking a free port instead`);
      return startDashboard(source, { host, port: 0 });
    }
  }

  async #openReplay({ motes }: Stage, from: ReadonlyMap<string, number>): Promise<Replay> {
    const { seconds, signal } = this.#options;
    const onProgress = (index: number) => this.#progress.show(index, () => this.#card.score());
    const replay = new Replay(motes, this.#plant, { topicOf: readingTopic, from, seconds, signal, onProgress });
    await hearAnswers(motes, replay);
    await hearRefusals(motes, (_id, reason) => replay.fail(stopped(reason)));
    return replay;
  }

  /** Undefined where it was stopped. */
  async #compare() {
    const { say, signal } = this.#options;
    say('comparing with the same net frozen after its warm-up, and with simple detectors …');
    const frozen = await this.#scoreFrozen();
    if (signal.aborted) return undefined;
    const baselines = await compareBaselines(this.#plant, {
      monitor: this.#monitor,
      rangeWarmUp: RANGE_WARM_UP,
      scoring: this.#scoring,
    });
    return { frozen, baselines };
  }

  /** The same nets on the same readings, with decoders and ranges as they are after the warm-up. */
  async #scoreFrozen(): Promise<ComparedScore> {
    const card = this.#newCard();
    const frozen = await Host.open({ bytes: this.#bytes }, { seed: this.#options.seed }, { source: this.#worker });
    await Promise.all(
      this.#plant.streams.map((stream) =>
        frozen.pool.use(stream.id, async (kept) => {
          this.#configure(kept);
          await this.#feedFrozen(stream, kept, card);
        }),
      ),
    );
    await frozen.close();
    return { name: 'frozen after the warm-up', score: card.score() };
  }

  async #feedFrozen(stream: MoteStream, { session }: KeptSession, card: Scorecard): Promise<void> {
    for (const index of stream.readings.keys()) {
      if (this.#options.signal.aborted) return;
      const { expected, values, verdict, warmUp } = await session.feed(this.#plant.reading(stream, index)!);
      if (session.learning && warmUp.done >= warmUp.of) await session.setLearning(false);
      card.take(stream.id, index, { anomaly: verdict?.anomaly ?? false, error: absoluteError(expected, values) });
      if (stream.readings.length === this.#plant.length && index % 100 === 0)
        this.#options.progress(`${progressBar(index, this.#plant.length)} readings, frozen`);
    }
  }

  async #summarise(
    stream: Stream,
    { latencyMs }: Replay,
    resumed: ReadonlyMap<string, number>,
    complete: boolean,
    compared: { frozen: ComparedScore; baselines: ComparedScore[] | undefined } | undefined,
  ): Promise<DemoSummary> {
    // A medium that fails has been reported; the summary is worth having all the same.
    const saved = await this.#onEachNet(async (kept) => {
      const { sequence } = await kept.save().catch(() => kept.saved ?? { sequence: 0n });
      const { digest, bytesWritten, session } = kept;
      const [monitor] = session.monitors.watches;
      return { sequence, digest, bytesWritten, networkBytes: session.bytes, monitor: monitor! };
    });
    const { received, bad, published, dropped } = stream.counters;
    const { sensitivity, holdOff } = saved[0]!.monitor;
    return {
      model: { digest: saved[0]!.digest, bytes: this.#bytes.length, neurons: Number(this.#model.provenance.neurons) },
      moved: this.#plant.moved,
      sensitivity,
      holdOff,
      resumedAt: sum(resumed.values()),
      complete,
      learning: { name: 'learning', score: this.#card.score() },
      frozen: compared?.frozen,
      baselines: compared?.baselines,
      latencyMs,
      spikesPerReading: this.#work.spikes / this.#work.readings,
      synapticOperationsPerReading: this.#work.synapticOperations / this.#work.readings,
      memory: { residentBytes: process.memoryUsage.rss(), networkBytes: saved[0]!.networkBytes },
      saves: {
        count: sum(saved.map(({ sequence }) => Number(sequence))),
        bytes: sum(saved.map(({ bytesWritten }) => bytesWritten)),
      },
      messages: { received, bad, published, dropped },
    };
  }
}
