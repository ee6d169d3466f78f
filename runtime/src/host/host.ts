import { describePlacement, Exclusive, type ExecutorSource } from '@spikewire/engine/executor';
import { describeChoice, type EngineChoice } from '@spikewire/engine/network';
import { resolveGraph, SpikewireError, windowSteps } from '@spikewire/models';
import type { AccessRules } from '../desk/access.ts';
import { Desk } from '../desk/desk.ts';
import { Narrator } from '../desk/narrator.ts';
import { executorSourceOf, isInThreads } from '../executor/address.ts';
import { memoryOfMachine } from '../memory-limit.ts';
import { Stream, type StreamOptions } from '../mqtt/stream.ts';
import type { ReadingForm } from '../reading/form.ts';
import { parseChannelPaths } from '../reading/path.ts';
import { profileNamed } from '../reading/profiles/profiles.ts';
import { type Closer, closeAll } from '../session/cleanup.ts';
import type { NetShape } from '../session/net-model.ts';
import type { Outcome } from '../session/outcome.ts';
import { NetPool, type NetPoolOptions, type Replacement } from '../session/pool/net-pool.ts';
import { SpikeOutput } from '../spike-output/spike-output.ts';
import { type LimitNames, OPTION_NAMES } from '../store/index.ts';
import { BrokerSide } from './broker-side.ts';
import { checkConfiguration, checkMonitors } from './check-configuration.ts';
import type {
  HostConfiguration,
  MessagesConfiguration,
  PageConfiguration,
  SensorConfiguration,
  SpikesConfiguration,
  StreamConfiguration,
} from './configuration.ts';
import { FollowedSensor } from './followed-sensor.ts';
import { type HostPage, openPage } from './host-page.ts';
import type { HostedModel, WatchedModel } from './hosted-model.ts';
import { type KeyNames, nameOf } from './key-checks.ts';
import { type NamedComparison, namedComparison } from './named-comparison.ts';
import { type Comparison, SideBySide, type Watched, type WatchedPlace } from './side-by-side.ts';
import type { Surroundings } from './surroundings.ts';

const DEFAULT_DEVICE = 'auto';
const DEFAULT_THREADS = 1;
/** Where there is a sensor and no broker, a stream hears and says nothing. */
const UNHEARD: StreamConfiguration = { in: 'sensor', out: 'result' };

/**
 * A model on this machine, for as long as the machine runs: where its nets run, what they are kept in, where their
 * readings come from, and who may look at them and ask them. `desk` is all that they can be asked.
 */
export class Host {
  readonly pool: NetPool;
  readonly desk: Desk;
  /** Where there is a stream or a sensor: topics, and what has become of messages. */
  readonly stream: Stream | undefined;
  readonly #configuration: HostConfiguration;
  readonly #surroundings: Surroundings;
  #model: HostedModel;
  readonly #source: ExecutorSource;
  readonly #brokerSide: BrokerSide | undefined;
  /** How what was opened is closed, in the opposite order. */
  readonly #closers: Closer[] = [];
  #closing: Promise<void> | undefined;
  readonly #watching = new Exclusive();
  /** Where there is one net; many choose each for themselves, and their status says what. */
  #choice: EngineChoice;
  #page: HostPage | undefined;
  #sensor: FollowedSensor | undefined;
  #spikes: SpikeOutput | undefined;
  #watched: SideBySide[] = [];

  /**
   * Opens all that the configuration names, so that the first reading can come. Rejects with what is wrong with the
   * configuration (`usage`), with the model, or with what keeps it from running here; nothing stays open then.
   */
  static async open(
    model: HostedModel,
    configuration: HostConfiguration,
    surroundings: Surroundings = {},
  ): Promise<Host> {
    checkConfiguration(configuration, surroundings.names);
    const source = surroundings.source ?? (await openSource(configuration, surroundings));
    let host: Host | undefined;
    try {
      host = new Host(model, source, configuration, surroundings);
      await host.#open();
      return host;
    } catch (failure) {
      // The first failure is the one to report.
      if (host !== undefined) await host.close().catch(() => {});
      else if (surroundings.source === undefined) await source.close().catch(() => {});
      throw failure;
    }
  }

  private constructor(
    model: HostedModel,
    source: ExecutorSource,
    configuration: HostConfiguration,
    surroundings: Surroundings,
  ) {
    const { stream, sensor, device = DEFAULT_DEVICE, rules = {} } = configuration;
    const { warn = () => {}, say = () => {}, tell, secret, updates } = surroundings;
    this.#model = model;
    this.#configuration = configuration;
    this.#surroundings = surroundings;
    this.#choice = { engine: device, because: null };
    this.#source = source;
    this.pool = new NetPool(model.bytes, source, this.#poolOptions());
    checkMonitors(configuration, this.pool.model);
    this.#brokerSide = stream?.broker && new BrokerSide(stream, stream.broker, configuration, surroundings);
    const asked = {
      lessons: rules.lessons ?? true,
      ...(rules.commands === undefined ? {} : { commands: new Set(rules.commands) }),
      ...(secret === undefined ? {} : { secret }),
      ...{ warn, audit: say, updates },
    };
    this.stream = stream === undefined && sensor === undefined ? undefined : this.#newStream(stream ?? UNHEARD, asked);
    this.desk = this.stream?.desk ?? new Desk(this.pool, { ...asked, single: this.#net !== undefined });
    const narrator = tell && new Narrator(this.desk, tell);
    this.#closers.push(async () => (this.stream ?? this.desk).close());
    this.#closers.push(async () => narrator?.close());
    if (surroundings.source === undefined) this.#closers.push(() => source.close());
    // What the answering nets have learned is saved before anything waits for the watched ones, which may be slow.
    this.#closers.push(() => this.#watching.run(() => this.#closeWatched()));
    this.#closers.push(() => this.pool.close());
    this.#closers.push(async () => {
      for (const watched of this.#watched) watched.end();
    });
  }

  #poolOptions(): NetPoolOptions {
    const { store = {}, memory, monitors = {}, learning, lessonsPerDay, selfTest, seed } = this.#configuration;
    const { warn, names = {}, listener, notes = (key) => this.#page?.source.notesOf(key) } = this.#surroundings;
    const { directory, required = false, quotaBytes, bytesPerDay, saveEverySeconds } = store;
    const { onNewModel = store.onNewModel } = this.#surroundings;
    // Where what was learned is carried over to other models, lessons may have to be taught again.
    const keepLessons = typeof onNewModel === 'function';
    return {
      keepLessons,
      ...(directory === undefined ? {} : { directory }),
      storeLimits: { ...(quotaBytes && { quotaBytes }), ...(bytesPerDay && { bytesPerDay }) },
      limitNames: limitNamesOf(names),
      requireStore: required,
      ...(onNewModel === undefined ? {} : { onNewModel }),
      ...(saveEverySeconds === undefined ? {} : { saveEverySeconds }),
      capacity: this.#configuration.capacity,
      ...(learning === undefined ? {} : { learning }),
      warmUp: this.#configuration.warmUp,
      raster: this.#configuration.spikes !== undefined,
      ...(lessonsPerDay === undefined ? {} : { lessonsPerDay }),
      ...(selfTest === undefined ? {} : { selfTest }),
      ...(seed === undefined ? {} : { seed }),
      ...(memory === undefined ? {} : { memory }),
      ...(warn === undefined ? {} : { warn }),
      monitorSettings: new Map(Object.entries(monitors)),
      notes,
      listener: (key, outcome) => {
        this.#noteChoice(key, outcome);
        listener?.(key, outcome);
      },
    };
  }

  #noteChoice(key: string, { window }: Outcome): void {
    if (key !== this.#net || window?.chosen === undefined) return;
    this.#choice = window.chosen.choice;
    this.#surroundings.say?.(`engine: ${describeChoice(this.#choice)}`);
  }

  /** The name of the only net; undefined where there are many. */
  get #net(): string | undefined {
    const { stream, sensor, net } = this.#configuration;
    if (stream === undefined && sensor === undefined) return net;
    return stream?.in.includes('+') ? undefined : '';
  }

  #newStream(
    stream: StreamConfiguration,
    asked: AccessRules & Pick<StreamOptions, 'warn' | 'audit' | 'updates'>,
  ): Stream {
    const { in: input, out, qos = 1, only, homeAssistant, retainResults = homeAssistant !== undefined } = stream;
    const { names = {} } = this.#surroundings;
    const side = this.#brokerSide;
    const announcing = side?.announcingOf(this.pool);
    return new Stream(this.pool, {
      ...asked,
      routes: { in: input, out },
      routeNames: { in: nameOf('stream.in', names), out: nameOf('stream.out', names) },
      form: formOf(this.#configuration.messages ?? {}),
      ...{ qos, retainResults },
      ...(only === undefined ? {} : { only: new Set(only) }),
      ...(announcing === undefined ? {} : { announcing }),
      ...(side === undefined ? {} : { brokerDropped: () => side.drops.count }),
      ...(this.#configuration.sensor === undefined ? {} : { sensor: () => this.#sensor?.figures }),
      ...(this.#configuration.spikes === undefined ? {} : { spikes: () => this.#spikes?.figures }),
    });
  }

  async #open(): Promise<void> {
    const { page, sensor, spikes, stream } = this.#configuration;
    await this.pool.takeStores();
    await this.#tryNet();
    if (this.#surroundings.beside !== undefined) await this.watch([this.#surroundings.beside]);
    if (spikes !== undefined) await this.#openSpikes(spikes);
    if (sensor !== undefined) await this.#openSensor(sensor);
    if (page !== undefined) await this.#openPage(page);
    if (this.#brokerSide !== undefined) await this.#connect(this.#brokerSide);
    else if (stream === undefined) this.stream?.attach(undefined);
    await this.#sayModel();
  }

  /**
   * Opens the net before the first reading: what keeps it from running is said at the start, and not with every
   * reading. Where readings come from who holds the host, only a model with self-tests is tried.
   */
  async #tryNet(): Promise<void> {
    if (this.stream === undefined && this.pool.model.selfTests.length === 0) return;
    const net = this.#net;
    try {
      // In the order of a reading: a model without codes lacks its encoder first.
      void this.pool.shape;
      if (net === undefined) return await this.pool.tryOut();
      this.#choice = (await this.pool.use(net, ({ session }) => session.executor.choice)) ?? this.#choice;
    } catch (problem) {
      throw this.#inModel(problem);
    }
  }

  /** Says which model runs, which are watched beside it, and, where it is split, which node lies where and why. */
  async #sayModel(): Promise<void> {
    const { say } = this.#surroundings;
    say?.(`model: ${this.#model.name ?? 'without a name'}, digest ${this.digest}`);
    for (const { model } of this.#watched)
      say?.(`beside: ${model.name ?? 'a model'} gets the same readings; its answers are not published`);
    const placement = say && (await this.#source.placement?.(this.pool.model));
    for (const line of describePlacement(placement?.nodes ?? [])) say!(line);
  }

  /** What keeps the model from running, with its name in front. */
  #inModel(problem: unknown, { name } = this.#model): unknown {
    if (name === undefined || !(problem instanceof SpikewireError) || problem.code === 'store') return problem;
    const { selfTest = 'selfTest: false' } = this.#surroundings.names ?? {};
    const way = `; this device computes the model wrongly, ${selfTest} starts it anyway`;
    const message = `${name}: ${problem.message}${problem.where.startsWith('selfTests') ? way : ''}`;
    return SpikewireError.restore(problem.code, name, message);
  }

  async #openSensor(sensor: SensorConfiguration): Promise<void> {
    const followed = await FollowedSensor.open(sensor, this.stream!, this.#surroundings);
    this.#sensor = followed;
    this.#closers.push(() => followed.close());
  }

  async #openSpikes(spikes: SpikesConfiguration): Promise<void> {
    const { names = {}, warn = () => {} } = this.#surroundings;
    if (this.#net === undefined) {
      throw new SpikewireError('usage', nameOf('spikes', names), 'needs one net', 'an input without "+"');
    }
    const output = await SpikeOutput.open(this.pool.graph, { ...spikes, warn });
    this.#spikes = output;
    this.#closers.push(() => output.close());
    this.desk.observe((_key, _kept, { window }) => {
      const { graph, model } = this.pool;
      if (window !== undefined) output.take(graph, window, windowSteps(model.sample));
    });
  }

  async #openPage(configuration: PageConfiguration): Promise<void> {
    const { stream, sensor } = this.#configuration;
    const page = await openPage(configuration, {
      desk: this.desk,
      stream: this.stream,
      model: () => this.#model.name ?? 'spikewire',
      input: stream?.in ?? sensor?.address,
      net: this.#net,
      // What updates run beside, they show themselves.
      comparison: () => (this.#surroundings.updates === undefined ? this.#shownComparison() : undefined),
    });
    this.#page = page;
    this.#closers.push(() => page.close());
    this.#surroundings.say?.(`page: ${page.url}`);
  }

  async #connect(side: BrokerSide): Promise<void> {
    const { link, close } = await side.connect(this.stream!);
    this.#closers.push(close);
    this.stream!.attach(link);
    const { in: input, out } = this.stream!.routes;
    const version = link.version === undefined ? 'waiting for the MQTT broker' : `MQTT ${link.version}`;
    const running = `running ${this.#model.name ?? 'a model'} on ${describeChoice(this.#choice)}`;
    this.#surroundings.say?.(`${running}: ${input} → ${out} (${version})`);
  }

  /** Follows the sensor until its recording ends or the signal ends it; without one, waits for the signal. */
  follow(): Promise<void> {
    return this.#sensor?.follow() ?? aborted(this.#surroundings.signal);
  }

  /**
   * Lets another model take the place of the one that runs; see `NetPool.replaceModel`. No reading is lost and none
   * taken twice. Rejects with what is wrong with the model, or where messages or the sensor cannot say its readings;
   * the former one runs on then. What fails once the other has taken its place is a warning.
   *
   * @param replacement its `prepare` is of whoever gives readings otherwise
   */
  async replaceModel(model: HostedModel, replacement: Replacement = {}): Promise<void> {
    const prepare = (shape: NetShape) => {
      this.#expectFitting(shape);
      return replacement.prepare?.(shape);
    };
    await this.pool
      .replaceModel(model.bytes, { ...replacement, prepare })
      .catch((problem) => Promise.reject(this.#inModel(problem, model)));
    this.#model = model;
    this.stream?.announceAgain();
    const warn = ({ message }: Error) => this.#surroundings.warn?.(`${message}; the new model runs anyway`);
    if (this.#net !== undefined) await this.#tryNet().catch(warn);
    await this.#sayModel().catch(warn);
  }

  /**
   * Runs other models beside the one that answers, on the same readings and lessons, in the place of those that are
   * watched already; without any, none is watched any more. See `SideBySide`. Rejects with what is wrong with the first
   * that cannot be watched, `budget` where a net of it may take more than its memory; none is watched then.
   */
  watch(models: readonly WatchedModel[]): Promise<readonly Watched[]> {
    return this.#watching.run(async () => {
      await this.#closeWatched();
      this.#watched = [];
      const share = (this.#configuration.memory ?? memoryOfMachine()) / models.length;
      for (const model of models) {
        if (this.#closing !== undefined) break;
        const options = { ...this.#watchedOptions(), memory: model.memory ?? share };
        const opening = SideBySide.open(model, this.desk, await this.#watchedPlace(), options);
        this.#watched.push(await opening.catch((problem) => this.#refuseWatched(model, problem)));
      }
      return this.#watched;
    });
  }

  async #refuseWatched(model: WatchedModel, problem: unknown): Promise<never> {
    await this.#closeWatched();
    this.#watched = [];
    throw this.#inModel(problem, model);
  }

  async #closeWatched(): Promise<void> {
    await Promise.all(this.#watched.map((watched) => watched.close()));
  }

  /** Other threads than those of the nets that answer, so that no answer waits for them; any other place is shared. */
  async #watchedPlace(): Promise<WatchedPlace> {
    const { device = DEFAULT_DEVICE, threads = DEFAULT_THREADS } = this.#configuration;
    const isOwn = this.#surroundings.source === undefined && isInThreads(device, threads);
    const source = isOwn ? await openSource(this.#configuration, this.#surroundings) : this.#source;
    return { source, isOwn };
  }

  /** As the nets that answer, but in memory only, and without a word. */
  #watchedOptions(): NetPoolOptions {
    const { directory: _, notes: __, listener: ___, warn: ____, requireStore: _____, ...options } = this.#poolOptions();
    return options;
  }

  /**
   * What the model that answers and the first one that is watched have made of the same readings, also once it is
   * closed; undefined without one.
   */
  get comparison(): Comparison | undefined {
    return this.#watched[0]?.comparison;
  }

  #shownComparison(): NamedComparison | undefined {
    const { comparison } = this;
    return comparison && namedComparison(comparison, this.#model.name, this.#watched[0]!.model.name);
  }

  /** Throws `usage` where those who give readings cannot give those of another model. */
  #expectFitting({ model, channels }: NetShape): void {
    checkMonitors(this.#configuration, model);
    this.stream?.expectReadable(model);
    this.#sensor?.expectFitting(model, channels);
    this.#spikes?.expectFitting(resolveGraph(model.graph, model.semantics));
  }

  /** SHA-256 of the model that runs. */
  get digest(): string {
    return this.pool.digest;
  }

  /** What runs, and what has become of messages, nets and samples; also once it is closed. */
  get figures() {
    const sensor = this.#sensor?.figures;
    const comparison = this.#shownComparison();
    return {
      digest: this.digest,
      ...this.#choice,
      ...this.stream?.counters,
      nets: this.pool.counters,
      ...(sensor === undefined ? {} : { sensor }),
      ...(this.#spikes === undefined ? {} : { spikes: this.#spikes.figures }),
      ...(comparison === undefined ? {} : { comparison }),
    };
  }

  /** Address of the page, with the token unless a file has it; undefined where there is none. */
  get pageUrl(): string | undefined {
    return this.#page?.url;
  }

  /** Saves what was learned and closes all that was opened. Rejects with the first failure after all were tried. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const [failure] = await closeAll(this.#closers);
    if (failure !== undefined) throw failure;
  }
}

function openSource(
  { device = DEFAULT_DEVICE, split, memory, threads = DEFAULT_THREADS }: HostConfiguration,
  { signal, warn, names = {} }: Surroundings,
): Promise<ExecutorSource> {
  return executorSourceOf(device, { memory, signal, threads, warn, split, splitName: nameOf('split', names) });
}

function limitNamesOf(names: KeyNames): LimitNames {
  const named = (key: keyof LimitNames, part = '') => names[part + key] ?? OPTION_NAMES[key];
  return {
    capacity: named('capacity'),
    memory: named('memory'),
    saveEverySeconds: named('saveEverySeconds', 'store.'),
    quotaBytes: named('quotaBytes', 'store.'),
    bytesPerDay: named('bytesPerDay', 'store.'),
  };
}

/** How messages say readings. Throws `usage`. */
function formOf({ profile, channels, missing, joinWithin }: MessagesConfiguration): ReadingForm {
  return {
    ...(profile === undefined ? {} : { profile: profileNamed(profile) }),
    ...(channels === undefined ? {} : { paths: parseChannelPaths(channels) }),
    ...(missing === undefined ? {} : { missing }),
    ...(joinWithin === undefined ? {} : { joinWithin }),
  };
}

/** Resolves when the signal is aborted; never without one. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
