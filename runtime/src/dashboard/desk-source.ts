import {
  elementCount,
  type ResolvedGraph,
  resolveGraph,
  type Verdict,
  type WatchSettings,
  windowSteps,
} from '@spikewire/models';
import type { Desk } from '../desk/desk.ts';
import { describeChoice } from '../engine/engine.ts';
import type { EventList } from '../engine/event-buffer.ts';
import type { KeptSession } from '../session/kept-session.ts';
import { reasonsOf } from '../session/monitors.ts';
import type { LessonOutcome, Outcome, Session } from '../session/session.ts';
import { RecentReadings } from './recent-readings.ts';
import type {
  DashboardChannel,
  DashboardCommand,
  DashboardCounters,
  DashboardDescription,
  DashboardFrame,
  DashboardLesson,
  DashboardNet,
  DashboardNetState,
  DashboardRaster,
  DashboardReading,
  DashboardSetting,
  DashboardSettings,
  DashboardSource,
  DashboardStatus,
  DashboardTaught,
} from './source.ts';

export interface DeskSourceOptions {
  readonly title: string;
  readonly notices?: readonly string[];
  /** Names for people, by key; the key itself where there is none. */
  readonly names?: ReadonlyMap<string, string>;
  /** What has become of messages. Default: no message has come. */
  readonly messages?: () => DashboardCounters;
}

const NO_MESSAGES: DashboardCounters = { received: 0, bad: 0, dropped: 0, published: 0 };
/** Nets that are remembered for viewers, those with the newest readings. */
const NETS = 256;

/** What can be set of a monitor. */
type MonitorSetting = Required<WatchSettings>;

/** What is remembered of a net between its readings. It holds no session, which may be closed meanwhile. */
interface SeenNet {
  readonly recent: RecentReadings;
  flags: number;
  newest: DashboardReading;
  status: DashboardStatus;
  /** Undefined where the net has no monitor. */
  settings: MonitorSetting | undefined;
  muted: boolean;
  /** What is unusual about there being no reading; empty where nothing is. */
  absence: string;
}

/** Lets people look at the nets of a desk and steer them. Rasters are built only for nets that somebody looks at. */
export class DeskSource implements DashboardSource {
  readonly #desk: Desk;
  readonly #options: DeskSourceOptions;
  readonly #graph: ResolvedGraph;
  readonly #neurons: number;
  readonly #windowSteps: number;
  readonly #watched = new Map<string, (frame: DashboardFrame) => void>();
  /** The net with the oldest reading first. */
  readonly #nets = new Map<string, SeenNet>();
  readonly #stopObserving: readonly (() => void)[];

  constructor(desk: Desk, options: DeskSourceOptions) {
    const { graph, semantics, sample } = desk.pool.model;
    this.#desk = desk;
    this.#options = options;
    this.#graph = resolveGraph(graph, semantics);
    this.#neurons = spikingNodes(this.#graph).reduce((sum, { size }) => sum + size, 0);
    this.#windowSteps = windowSteps(sample);
    this.#stopObserving = [
      desk.observe((key, kept, outcome) => this.#see(key, kept, outcome)),
      desk.observeAlarms((key, _, verdicts) => this.#miss(key, verdicts)),
    ];
  }

  close(): void {
    for (const stop of this.#stopObserving) stop();
  }

  /** None where a reading has many numbers of each, which nobody could tell apart. */
  get #channels(): readonly DashboardChannel[] {
    const { model, channels } = this.#desk.pool.shape;
    return model.channels.length === channels ? model.channels : [];
  }

  #see(key: string, kept: KeptSession, outcome: Outcome): void {
    const { newest: reading, status } = this.#remember(key, kept, outcome);
    const listener = this.#watched.get(key);
    kept.session.observed = listener !== undefined;
    listener?.({ reading, status, raster: rasterOf(this.#graph, outcome.window?.raster, this.#windowSteps) });
  }

  #miss(key: string, verdicts: readonly Verdict[]): void {
    const net = this.#nets.get(key);
    if (net === undefined) return;
    net.flags++;
    net.absence = reasonsOf(verdicts);
  }

  #remember(key: string, kept: KeptSession, outcome: Outcome): SeenNet {
    const former = this.#nets.get(key);
    const [monitor] = kept.session.monitors.watches;
    const newest = this.#readingOf(outcome, monitor?.sensitivity ?? Number.NaN);
    const net: SeenNet = {
      recent: former?.recent ?? new RecentReadings(newest.values.length),
      flags: (former?.flags ?? 0) + (newest.anomaly ? 1 : 0),
      newest,
      status: this.#statusOf(kept, outcome),
      settings: monitor && settingOf(monitor),
      muted: monitor?.muted ?? false,
      absence: '',
    };
    net.recent.add(newest);
    this.#nets.delete(key);
    this.#nets.set(key, net);
    if (this.#nets.size > NETS) this.#nets.delete(this.#nets.keys().next().value!);
    return net;
  }

  #readingOf(outcome: Outcome, limit: number): DashboardReading {
    const { sequence, time, reading, expected, verdict, verdicts, error, spikes } = outcome;
    const { channels } = this.#desk.pool.model;
    return {
      seq: sequence,
      time,
      values: reading.length === channels.length ? Array.from(reading) : [],
      expected: expected?.length === channels.length ? Array.from(expected) : null,
      score: verdict?.score ?? Number.NaN,
      limit,
      anomaly: verdict?.anomaly ?? false,
      reason: reasonsOf(verdicts),
      error,
      spikes,
      rate: spikes / (this.#neurons * this.#windowSteps * this.#desk.pool.model.semantics.dt),
    };
  }

  #statusOf({ session, saved, storeProblem }: KeptSession, outcome: Outcome): DashboardStatus {
    const { done, of } = outcome.warmUp;
    const { received, bad, dropped, published } = this.#options.messages?.() ?? NO_MESSAGES;
    return {
      warmUp: { done: done >= of, readings: done, of },
      learning: session.learning,
      memory: { resident: process.memoryUsage.rss(), network: session.executor.bytes },
      engine: describeChoice(session.executor.choice),
      saved: saved === undefined ? null : { sequence: Number(saved.sequence), time: saved.time },
      ...(storeProblem === undefined ? {} : { storeProblem }),
      counters: { received, bad, dropped, published },
      ...taughtOf(session, outcome),
      latencyMicroseconds: outcome.latencyMicroseconds,
    };
  }

  recent(net: string): readonly DashboardFrame[] {
    const seen = this.#nets.get(net);
    if (seen === undefined) return [];
    const raster = rasterOf(this.#graph, undefined, this.#windowSteps);
    return seen.recent.list().map((reading) => ({ reading, status: seen.status, raster }));
  }

  describe(): DashboardDescription {
    const { title, notices = [] } = this.#options;
    const keys = new Set([...(this.#options.names?.keys() ?? []), ...[...this.#nets.keys()].sort()]);
    return { title, notices, nets: [...keys].map((key) => this.#describeNet(key)) };
  }

  #describeNet(key: string): DashboardNet {
    const seen = this.#nets.get(key);
    return {
      id: key,
      name: this.#options.names?.get(key) ?? (key === '' ? 'net' : key),
      channels: this.#channels,
      neurons: this.#neurons,
      ...(seen?.settings === undefined ? {} : { settings: shownSettings(seen.settings) }),
    };
  }

  watch(net: string, listener: (frame: DashboardFrame) => void): () => void {
    this.#watched.set(net, listener);
    // The session learns with its next reading that nobody looks any more.
    return () => this.#watched.delete(net);
  }

  states(): readonly DashboardNetState[] {
    return [...this.#nets].map(([net, { newest, status, muted, flags, absence }]) => ({
      net,
      anomaly: newest.anomaly || absence !== '',
      absence,
      learning: status.learning,
      muted,
      warm: status.warmUp.done,
      readings: newest.seq,
      flags,
    }));
  }

  command(
    net: string,
    command: DashboardCommand,
    settings: DashboardSettings = {},
    lesson?: DashboardLesson,
  ): Promise<string> {
    const from = `page, net "${net}"`;
    return this.#desk.sayingRefusal(`${from}: ${command}`, () => {
      if (command === 'settings') return this.#configure(net, settings, from);
      return command === 'teach' ? this.#teach(net, lesson!, from) : this.#desk.command(net, command, from);
    });
  }

  async #teach(net: string, { label, time }: DashboardLesson, from: string): Promise<string> {
    return LESSON_ANSWERS[await this.#desk.teach(net, { kind: 'label', label, time }, from)](label);
  }

  async #configure(net: string, settings: DashboardSettings, from: string): Promise<string> {
    const answer = await this.#desk.configure(net, settings, from);
    const { monitor } = await this.#desk.status(net);
    const seen = this.#nets.get(net);
    if (seen !== undefined && monitor !== undefined) {
      seen.settings = settingOf(monitor);
      seen.muted = monitor.muted;
    }
    return answer;
  }
}

const LESSON_ANSWERS: Readonly<Record<LessonOutcome, (label: string) => string>> = {
  applied: (label) => `learned that this was “${label}”`,
  repeated: (label) => `was told already that this was “${label}”`,
  forgotten: () => 'too late: that answer is forgotten',
  frozen: () => 'learning is off: nothing was learned',
};

function taughtOf({ taught }: Session, { result, confidence }: Outcome): { readonly taught?: DashboardTaught } {
  if (taught === undefined) return {};
  const answer = typeof result === 'string' ? result : null;
  return { taught: { ...taught.figures, answer, confidence: confidence ?? null, confusion: taught.confusion } };
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

function settingOf({ sensitivity, holdOff, inRow }: MonitorSetting): MonitorSetting {
  return { sensitivity, holdOff, inRow };
}

function shownSettings({ sensitivity, holdOff, inRow }: MonitorSetting): DashboardSetting[] {
  return [
    {
      id: 'sensitivity',
      label: 'Sensitivity limit',
      unit: '× range',
      value: sensitivity,
      minimum: 1,
      maximum: 100,
      step: 0.5,
    },
    { id: 'holdOff', label: 'Hold-off', unit: 'readings', value: holdOff, minimum: 0, maximum: 10_000, step: 1 },
    { id: 'inRow', label: 'In a row', unit: 'readings', value: inRow, minimum: 1, maximum: 1000, step: 1 },
  ];
}
