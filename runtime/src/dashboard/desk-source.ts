import { describePlacement, type PlacedNode } from '@spikewire/engine/executor';
import type { EventList } from '@spikewire/engine/network';
import { describeChoice } from '@spikewire/engine/network';
import {
  elementCount,
  type ResolvedGraph,
  type Verdict,
  type Watch,
  type WatchSettings,
  windowSteps,
} from '@spikewire/models';
import type { Asker, Roles } from '../desk/access.ts';
import type { Desk } from '../desk/desk.ts';
import { type Said, saidBy } from '../desk/said.ts';
import type { MonitorSettings } from '../desk/settings.ts';
import type { UpdatesStatus } from '../desk/updates.ts';
import type { KeptSession } from '../session/kept/kept-session.ts';
import type { LessonOutcome } from '../session/lessons.ts';
import type { Outcome } from '../session/outcome.ts';
import type { NetPool } from '../session/pool/net-pool.ts';
import type { Session } from '../session/session.ts';
import { deviationOf, firstNumbers } from './block-signal.ts';
import { lookInside } from './inside.ts';
import { Past } from './past.ts';
import { RecentReadings } from './recent-readings.ts';
import {
  DASHBOARD_COMMANDS,
  type DashboardChannel,
  type DashboardCommand,
  type DashboardComparison,
  type DashboardCounters,
  type DashboardDescription,
  type DashboardFrame,
  type DashboardGathering,
  type DashboardInside,
  type DashboardLabels,
  type DashboardLesson,
  type DashboardMonitor,
  type DashboardNamed,
  type DashboardNet,
  type DashboardNetName,
  type DashboardNetState,
  type DashboardOrder,
  type DashboardPast,
  type DashboardRaster,
  type DashboardReading,
  type DashboardSetting,
  type DashboardSettings,
  type DashboardSource,
  type DashboardStatus,
  type DashboardTaught,
  SHOWN_READINGS,
} from './source.ts';

export interface DeskSourceOptions {
  /** Where it may change, as with the model, a function gives it; so with names. */
  readonly title: string | (() => string);
  readonly notices?: readonly string[];
  /** Names for people, by key; the key itself where there is none. */
  readonly names?: ReadonlyMap<string, string> | (() => ReadonlyMap<string, string>);
  /** What a person should know of a net, in a sentence, by key. */
  readonly about?: ReadonlyMap<string, string>;
  /** Key of the net that the page opens on; without it what is unusual decides. */
  readonly opensOn?: string;
  /** Where readings come from, such as a topic. */
  readonly input?: string;
  /** What a simulation knows of a reading of that time, by key; in place of labels and the base. */
  readonly simulated?: (key: string, time: number) => Simulated;
  /** What a model that is watched and the one that answers have made of the same readings. Default: none is watched. */
  readonly comparison?: () => DashboardComparison | undefined;
  /** What has become of messages. Default: no message has come. */
  readonly messages?: () => DashboardCounters;
}

const NO_NAMES: ReadonlyMap<string, string> = new Map();

/** What a reading was, and what the same net says of it that is frozen; null where there is no such thing. */
export interface Simulated {
  readonly truth: string | null;
  readonly frozen: string | null;
}

const NO_MESSAGES: DashboardCounters = { received: 0, bad: 0, dropped: 0, published: 0 };
/** Nets that are remembered for viewers, those with the newest readings: as many as are open, or these. */
const LEAST_NETS = 256;
/** Readings of all nets together that are remembered, beyond the first of each and those that somebody looks at. */
const READINGS = LEAST_NETS * SHOWN_READINGS;
/** Of the small picture of a net. */
const COURSE_POINTS = 32;

/** What can be set of a monitor. */
type MonitorSetting = Required<Omit<WatchSettings, 'on'>>;

/** What is remembered of a net between its readings. It holds no session that is closed. */
interface SeenNet {
  readonly recent: RecentReadings;
  readonly past: Past;
  flags: number;
  /** Undefined before the first. */
  newest: DashboardReading | undefined;
  status: DashboardStatus;
  /** Undefined where the net has no monitor. */
  settings: MonitorSetting | undefined;
  monitors: readonly WatchShown[];
  /** The net, where its monitors have changed since; nobody has asked for them. */
  unseen: KeptSession | undefined;
  /** Where its nodes lie; undefined where all are in one place. */
  nodes: readonly PlacedNode[] | undefined;
  muted: boolean;
  /** What is unusual about there being no reading; empty where nothing is. */
  absence: readonly Said[];
  /** Undefined where each reading is answered. */
  gathering: DashboardGathering | undefined;
  /** What the newest readings were said to be; undefined where nobody can say. */
  labels: DashboardLabels | undefined;
}

/** Lets people look at the nets of a desk and steer them. Rasters are built only for nets that somebody looks at. */
export class DeskSource implements DashboardSource {
  readonly #desk: Desk;
  readonly #options: DeskSourceOptions;
  #neurons = 0;
  #windowSteps = 0;
  readonly #watched = new Map<string, (frame: DashboardFrame) => void>();
  /** The net with the oldest reading first. */
  readonly #nets = new Map<string, SeenNet>();
  /** Readings that there is room for, of all nets together. */
  #room = 0;
  readonly #stopObserving: readonly (() => void)[];

  constructor(desk: Desk, options: DeskSourceOptions) {
    this.#desk = desk;
    this.#options = options;
    this.#show(desk.pool);
    this.#stopObserving = [
      desk.pool.observeReplaced(() => this.#show(desk.pool)),
      desk.pool.observeClosing((key) => this.#monitorsOf(this.#nets.get(key))),
      desk.observe((key, kept, outcome) => this.#see(key, kept, outcome)),
      desk.observeGathering((key, kept) => this.#gather(key, kept)),
      desk.observeAlarms((key, _, verdicts) => this.#miss(key, verdicts)),
      // The next reading may be long in coming.
      desk.observeChanges((key, kept) => this.#refresh(key, kept)),
    ];
  }

  /** Begins anew with a model: of nets of another one nothing can be compared. */
  #show({ model, graph }: NetPool): void {
    this.#neurons = spikingNodes(graph).reduce((sum, { size }) => sum + size, 0);
    this.#windowSteps = windowSteps(model.sample);
    this.#nets.clear();
    this.#room = 0;
  }

  close(): void {
    for (const stop of this.#stopObserving) stop();
  }

  /** None where nobody has said which numbers of a reading are whose. */
  get #channels(): readonly DashboardChannel[] {
    const { model, channels } = this.#desk.pool.shape;
    if (model.channels.length === channels) return model.channels;
    if (model.channels.length === 0 || channels % model.channels.length !== 0) return [];
    return model.channels.map((channel) => ({ ...channel, measure: 'standard deviation in each reading' }));
  }

  /** Gets to know a net before its first reading, so that what is known of it from before a restart is shown. */
  async meet(key: string): Promise<void> {
    await this.#desk.pool.use(key, (kept) => this.#refresh(key, kept));
  }

  /** What is to be kept of a net with its state, for a restart; undefined where it is not known. */
  notesOf(key: string): string | undefined {
    return this.#nets.get(key)?.past.save();
  }

  #see(key: string, kept: KeptSession, outcome: Outcome): void {
    const reading = this.#remember(key, kept, outcome);
    const { status } = this.#nets.get(key)!;
    const listener = this.#watched.get(key);
    kept.session.observed = listener !== undefined;
    const signal = listener && firstNumbers(outcome.reading, this.#channels.length);
    const raster = rasterOf(this.#desk.pool.graph, outcome.window?.raster, this.#windowSteps);
    listener?.({ reading, status, raster, ...(signal && { signal }) });
  }

  /** There may be thousands a second. */
  #gather(key: string, kept: KeptSession): void {
    const net = this.#nets.get(key) ?? this.#refresh(key, kept);
    net.gathering = gatheringOf(kept.session);
  }

  #miss(key: string, verdicts: readonly Verdict[]): void {
    const net = this.#nets.get(key);
    if (net === undefined) return;
    net.flags++;
    net.absence = saidBy(verdicts);
    if (net.newest !== undefined) net.past.flag(net.newest.seq, net.newest.time, Number.NaN, net.absence);
  }

  #remember(key: string, kept: KeptSession, outcome: Outcome): DashboardReading {
    const [monitor] = kept.session.monitors.watches;
    const scores = shownWatches(kept.session).map(({ name }) => scoreOf(outcome, name));
    const newest = { ...this.#readingOf(key, outcome, monitor?.sensitivity ?? Number.NaN), scores };
    const net = this.#refresh(key, kept, outcome);
    net.newest = newest;
    net.absence = [];
    if (newest.anomaly) net.flags++;
    net.recent.add(newest);
    net.past.add(newest);
    return newest;
  }

  /** Takes up how a net is now, after a reading or after something else has changed it. */
  #refresh(key: string, kept: KeptSession, outcome?: Outcome): SeenNet {
    const former = this.#nets.get(key);
    const [monitor] = kept.session.monitors.watches;
    const status = this.#statusOf(kept, outcome, former?.status);
    const isUnseen = outcome !== undefined && former !== undefined && !this.#watched.has(key);
    const net: SeenNet = {
      ...(former ?? this.#begin(key, kept)),
      ...(former !== undefined && status.warmUp.readings < former.status.warmUp.readings ? calm(former) : {}),
      status,
      settings: monitor && settingOf(monitor),
      monitors: isUnseen ? former.monitors : shownWatches(kept.session).map(shownOf),
      unseen: isUnseen ? kept : undefined,
      nodes: kept.session.executor.nodes,
      gathering: gatheringOf(kept.session),
      labels: outcome === undefined ? labelsOf(kept.session) : former?.labels,
      muted: monitor?.muted ?? false,
    };
    if (outcome === undefined && net.labels !== undefined && !this.#options.simulated) net.recent.label(net.labels);
    this.#nets.delete(key);
    this.#nets.set(key, net);
    while (this.#nets.size > Math.max(LEAST_NETS, this.#desk.pool.mostOpen)) this.#forgetOldest();
    return net;
  }

  /** Looks at monitors that have changed since somebody did. */
  #monitorsOf(net: SeenNet | undefined): readonly WatchShown[] {
    if (net?.unseen !== undefined) {
      net.monitors = shownWatches(net.unseen.session).map(shownOf);
      net.unseen = undefined;
    }
    return net?.monitors ?? [];
  }

  #forgetOldest(): void {
    const [key, { recent }] = this.#nets.entries().next().value!;
    this.#nets.delete(key);
    this.#room -= recent.capacity;
  }

  #begin(key: string, { restoredNotes, session }: KeptSession) {
    const channels = this.#channels.length;
    const past = new Past(channels);
    if (restoredNotes !== undefined) past.restore(restoredNotes);
    const takeRoom = (readings: number) => this.#takeRoom(key, readings);
    const recent = new RecentReadings(channels, shownWatches(session).length, takeRoom);
    this.#room += recent.capacity;
    return { recent, past, flags: past.flags, newest: undefined, absence: [] };
  }

  /** Whether a net may remember so many readings more. */
  #takeRoom(key: string, readings: number): boolean {
    if (this.#room + readings > READINGS && !this.#watched.has(key)) return false;
    this.#room += readings;
    return true;
  }

  #readingOf(key: string, outcome: Outcome, limit: number): DashboardReading {
    const { sequence, time, reading, expected, verdict, verdicts, error, spikes } = outcome;
    const { channels } = this.#desk.pool.model;
    return {
      seq: sequence,
      time,
      values: deviationOf(reading, this.#channels.length),
      expected: expected?.length === channels.length ? Array.from(expected) : null,
      score: verdict?.score ?? Number.NaN,
      limit,
      anomaly: verdict?.anomaly ?? false,
      said: saidBy(verdicts),
      error,
      spikes,
      rate: spikes / (this.#neurons * this.#windowSteps * this.#desk.pool.model.semantics.dt),
      ...(this.#classifies && { named: this.#namedOf(key, outcome) }),
    };
  }

  #namedOf(key: string, { time, result, base }: Outcome): DashboardNamed {
    const answer = typeof result === 'string' ? result : null;
    const { truth = null, frozen = base ?? null } = this.#options.simulated?.(key, time) ?? {};
    return { answer, base: frozen, truth };
  }

  get #classifies(): boolean {
    return [...this.#desk.pool.model.decoder.values()].some(({ type }) => type === 'teachable');
  }

  /** Without an outcome, what only an answer tells stays as it was. */
  #statusOf(
    { session, saved, storeProblem }: KeptSession,
    outcome: Outcome | undefined,
    former: DashboardStatus | undefined,
  ): DashboardStatus {
    const { done, of } = (outcome ?? session).warmUp;
    const secondsLeft = session.warmUpSeconds;
    const messages = this.#options.messages?.() ?? NO_MESSAGES;
    const { received, bad, dropped, published, brokerDropped, spikesSent, spikesLost } = messages;
    return {
      warmUp: { done: done >= of, readings: done, of, ...(secondsLeft !== undefined && { secondsLeft }) },
      learning: session.learning,
      memory: { resident: process.memoryUsage.rss(), network: session.bytes },
      engine: describeChoice(session.executor.choice),
      saved: saved === undefined ? null : { sequence: Number(saved.sequence), time: saved.time },
      ...(storeProblem === undefined ? {} : { storeProblem }),
      counters: {
        ...{ received, bad, dropped, published },
        ...(brokerDropped !== undefined && { brokerDropped }),
        ...(spikesSent !== undefined && { spikesSent, spikesLost }),
      },
      ...taughtOf(session, outcome, former?.taught),
      latencyMicroseconds: outcome?.latencyMicroseconds ?? former?.latencyMicroseconds ?? Number.NaN,
    };
  }

  recent(net: string): readonly DashboardFrame[] {
    const seen = this.#nets.get(net);
    if (seen === undefined) return [];
    const { newest, recent, status } = seen;
    const raster = rasterOf(this.#desk.pool.graph, undefined, this.#windowSteps);
    // Of older ones the stretches of the past have why they were flagged.
    const why = ({ seq }: DashboardReading) => (seq === newest?.seq ? { said: newest.said ?? [] } : {});
    return recent.list().map((reading) => ({ reading: { ...reading, ...why(reading) }, status, raster }));
  }

  newest(net: string): Pick<DashboardFrame, 'reading' | 'status'> | undefined {
    const { newest: reading, status } = this.#nets.get(net) ?? {};
    return reading && status && { reading, status };
  }

  inside(net: string, roles: Roles): Promise<DashboardInside> {
    return this.#desk.look(net, ({ session }) => lookInside(session), askerOf(net, roles));
  }

  get isRestricted(): boolean {
    return this.#desk.access.isRestricted;
  }

  allowed(roles: Roles): readonly DashboardCommand[] {
    return DASHBOARD_COMMANDS.filter((command) => this.#desk.access.allows(roles, command));
  }

  status(net: string): DashboardStatus | undefined {
    return this.#nets.get(net)?.status;
  }

  past(net: string): DashboardPast | undefined {
    return this.#nets.get(net)?.past.shown();
  }

  labels(net: string): DashboardLabels | undefined {
    return this.#options.simulated ? undefined : this.#nets.get(net)?.labels;
  }

  course(net: string): readonly number[] {
    return this.#nets.get(net)?.recent.course(COURSE_POINTS) ?? [];
  }

  describe(): DashboardDescription {
    const { title, notices = [], opensOn, input } = this.#options;
    return {
      title: typeof title === 'function' ? title() : title,
      notices,
      ...(opensOn === undefined ? {} : { opensOn }),
      ...(input === undefined ? {} : { input }),
    };
  }

  comparison(): DashboardComparison | undefined {
    return this.#options.comparison?.();
  }

  updates(): UpdatesStatus | undefined {
    return this.#desk.updates?.status();
  }

  nets(): readonly DashboardNetName[] {
    const keys = new Set([...this.#names.keys(), ...this.#nets.keys()]);
    return Array.from(keys, (id) => ({ id, name: this.#nameOf(id) }));
  }

  get #names(): ReadonlyMap<string, string> {
    const { names = NO_NAMES } = this.#options;
    return typeof names === 'function' ? names() : names;
  }

  #nameOf(key: string): string {
    return this.#names.get(key) ?? (key === '' ? 'net' : key);
  }

  net(id: string): DashboardNet | undefined {
    const seen = this.#nets.get(id);
    if (seen === undefined && !this.#names.has(id)) return undefined;
    const about = this.#options.about?.get(id);
    return {
      id,
      name: this.#nameOf(id),
      ...(about === undefined ? {} : { about }),
      channels: this.#channels,
      digest: this.#desk.pool.digest,
      neurons: this.#neurons,
      ...(seen?.nodes && { places: describePlacement(seen.nodes) }),
      ...(this.#classifies && { classifies: true, isSimulated: this.#options.simulated !== undefined }),
      ...(seen?.settings === undefined
        ? {}
        : { settings: shownSettings(seen.settings), monitors: this.#monitorsOf(seen).map(monitorOf) }),
    };
  }

  watch(net: string, listener: (frame: DashboardFrame) => void): () => void {
    this.#watched.set(net, listener);
    // The session learns with its next reading that nobody looks any more.
    return () => this.#unwatch(net);
  }

  /** What was remembered for the viewer alone is forgotten where there is no room for it. */
  #unwatch(net: string): void {
    this.#watched.delete(net);
    if (this.#room > READINGS) this.#room -= this.#nets.get(net)?.recent.shrink() ?? 0;
  }

  state(net: string): DashboardNetState | undefined {
    const seen = this.#nets.get(net);
    if (seen === undefined) return undefined;
    const { newest, status, muted, flags, absence, past, gathering } = seen;
    return {
      net,
      anomaly: newest?.anomaly === true || absence.length > 0,
      absence,
      learning: status.learning,
      ...(status.taught?.answer != null && { answer: status.taught.answer }),
      muted,
      warmUp: status.warmUp,
      ...(gathering && { gathering }),
      readings: newest?.seq ?? 0,
      flags,
      ...(past.last === undefined ? {} : { last: past.last }),
    };
  }

  command(net: string, order: DashboardOrder, roles: Roles): Promise<string> {
    const { command, settings = {}, monitor, lesson, update } = order;
    const asker = command === 'update' ? { from: 'page', roles } : askerOf(net, roles);
    return this.#desk.sayingRefusal(`${asker.from}: ${command}`, () => {
      if (command === 'update') return this.#desk.update(update!, asker);
      if (command === 'settings') return this.#desk.configure(net, settingsOf(settings, monitor), asker);
      return command === 'teach' ? this.#teach(net, lesson!, asker) : this.#desk.command(net, command, asker);
    });
  }

  async #teach(net: string, { label, time }: DashboardLesson, asker: Asker): Promise<string> {
    const { outcome, saved } = await this.#desk.teach(net, { kind: 'label', label, time }, asker);
    const isLearned = outcome === 'applied' || outcome === 'repeated';
    const where = (await saved) ? '; it is saved' : '; it is in memory only';
    return LESSON_ANSWERS[outcome](label) + (isLearned ? where : '');
  }
}

function gatheringOf({ gathering }: Session): DashboardGathering | undefined {
  if (gathering === undefined) return undefined;
  const { done, of, secondsLeft } = gathering;
  return { readings: done, of, ...(secondsLeft !== undefined && { secondsLeft }) };
}

function labelsOf({ taught }: Session): DashboardLabels | undefined {
  if (taught === undefined) return undefined;
  const { labels } = taught;
  return { time: labels.map(({ time }) => time), truth: labels.map(({ label }) => label ?? null) };
}

function askerOf(net: string, roles: Roles): Asker {
  return { from: `page, net "${net}"`, roles };
}

/** What begins its warm-up anew has nothing flagged. */
function calm({ newest }: SeenNet): Pick<SeenNet, 'newest' | 'absence'> {
  return { newest: newest && { ...newest, anomaly: false }, absence: [] };
}

const LESSON_ANSWERS: Readonly<Record<LessonOutcome, (label: string) => string>> = {
  applied: (label) => `learned that this was “${label}”`,
  repeated: (label) => `had already learned that this was “${label}”`,
  forgotten: () => 'nothing was learned: there is no recent answer to which this label belongs',
  frozen: () => 'learning is off: nothing was learned',
};

/** Without an outcome the newest answer stays, as long as there is such a class. */
function taughtOf(
  { taught }: Session,
  outcome: Outcome | undefined,
  former: DashboardTaught | undefined,
): { readonly taught?: DashboardTaught } {
  if (taught === undefined) return {};
  const { figures, confusion } = taught;
  return { taught: { ...figures, ...(outcome ? answerOf(outcome) : answerAmong(figures.classes, former)), confusion } };
}

type TaughtAnswer = Pick<DashboardTaught, 'answer' | 'confidence' | 'likeliest'>;

function answerOf({ result, confidence, likeliest }: Outcome): TaughtAnswer {
  const answer = typeof result === 'string' ? result : null;
  return { answer, confidence: confidence ?? null, ...(likeliest !== undefined && { likeliest }) };
}

function answerAmong(classes: readonly string[], former: DashboardTaught | undefined): TaughtAnswer {
  const { answer = null, confidence = null, likeliest } = former ?? {};
  const named = likeliest ?? answer;
  if (named === null || !classes.includes(named)) return { answer: null, confidence: null };
  return { answer, confidence, ...(likeliest !== undefined && { likeliest }) };
}

/** Nodes that spike, with the first row of each in the raster. */
function spikingNodes(graph: ResolvedGraph): { index: number; size: number; offset: number }[] {
  let offset = 0;
  return graph.nodes.flatMap(({ kind, shape }, index) => {
    if (kind.role !== 'neuron' || kind.emits !== 'spikes') return [];
    const size = elementCount(shape);
    offset += size;
    return [{ index, size, offset: offset - size }];
  });
}

function rasterOf(graph: ResolvedGraph, events: EventList | undefined, windowSteps: number): DashboardRaster {
  const steps: number[] = [];
  const neurons: number[] = [];
  const offsets = new Map(spikingNodes(graph).map(({ index, offset }) => [index, offset]));
  for (let k = 0; k < (events?.step.length ?? 0); k++) {
    const offset = offsets.get(events!.node[k]!);
    if (offset === undefined) continue;
    steps.push(events!.step[k]!);
    neurons.push(offset + events!.index[k]!);
  }
  return { steps, neurons, windowSteps };
}

/** Of a monitor that has no say, NaN. */
function scoreOf({ verdicts }: Outcome, name: string): number {
  return verdicts.findLast(({ monitor }) => monitor === name)?.score ?? Number.NaN;
}

function settingsOf({ on, learned, ...settings }: DashboardSettings, monitor: string | undefined): MonitorSettings {
  return {
    ...settings,
    ...(monitor !== undefined && { monitor }),
    ...(on !== undefined && { on: on === 1 }),
    ...(learned === 1 && { learned: true }),
  };
}

/** The monitors that have something to look at. */
function shownWatches({ monitors }: Session): readonly Watch[] {
  return monitors.watches.filter(({ isIdle }) => !isIdle);
}

/** What is remembered of a monitor, without it. */
type WatchShown = MonitorSetting & Omit<DashboardMonitor, 'settings'>;

function shownOf(watch: Watch): WatchShown {
  const { name, title, about, sensitivity: limit, on: isOn, limitReasons } = watch;
  const isChanged = watch.accepts || watch.isSet;
  return { ...settingOf(watch), name, title, about, limit, isOn, limitReasons, isChanged };
}

function monitorOf({
  name,
  title,
  about,
  limit,
  isOn,
  limitReasons,
  isChanged,
  ...setting
}: WatchShown): DashboardMonitor {
  const [sensitivity, ...others] = shownSettings(setting);
  // A tenth of what its first digit counts: 0.1 of 8, 0.001 of 0.05.
  const step = 10 ** Math.floor(Math.log10(limit)) / 10;
  const said = 'Flags a score above this: higher means fewer alarms';
  const own = { ...sensitivity!, unit: '', about: said, minimum: step, maximum: 1000 * step, step };
  return { name, title, about, limit, isOn, limitReasons, isChanged, settings: [own, ...others] };
}

function settingOf({ sensitivity, holdOff, inRow }: MonitorSetting): MonitorSetting {
  return { sensitivity, holdOff, inRow };
}

function shownSettings({ sensitivity, holdOff, inRow }: MonitorSetting): DashboardSetting[] {
  return [
    {
      id: 'sensitivity',
      label: 'Sensitivity limit',
      unit: '× range',
      about: 'Flags a reading if its error divided by the usual error is above this limit: higher means fewer alarms',
      value: sensitivity,
      minimum: 1,
      maximum: 100,
      step: 0.5,
    },
    {
      id: 'holdOff',
      label: 'Hold-off',
      unit: 'readings',
      about: 'An alarm ends after more quiet readings in a row than this; until then, no new alarm begins',
      value: holdOff,
      minimum: 0,
      maximum: 10_000,
      step: 1,
    },
    {
      id: 'inRow',
      label: 'In a row',
      unit: 'readings',
      about: 'Unusual readings in a row that begin an alarm',
      value: inRow,
      minimum: 1,
      maximum: 1000,
      step: 1,
    },
  ];
}
