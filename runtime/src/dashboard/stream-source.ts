import { elementCount, type ResolvedGraph, resolveGraph, windowSteps } from '@spikewire/models';
import type { StreamCommand } from '../desk/orders.ts';
import { describeChoice } from '../engine/engine.ts';
import type { EventList } from '../engine/event-buffer.ts';
import type { Stream } from '../mqtt/stream.ts';
import type { KeptSession, SavedPoint } from '../session/kept-session.ts';
import type { Outcome } from '../session/session.ts';
import { type RecentReading, RecentReadings } from './recent-readings.ts';
import type {
  DashboardCommand,
  DashboardDescription,
  DashboardFrame,
  DashboardNet,
  DashboardNetState,
  DashboardRaster,
  DashboardSetting,
  DashboardSettings,
  DashboardSource,
} from './source.ts';

export interface StreamSourceOptions {
  readonly title: string;
  readonly notices?: readonly string[];
  /** Names for people, by key; the key itself where there is none. */
  readonly names?: ReadonlyMap<string, string>;
}

/** Readings that a viewer who has just arrived sees of the past. */
const RECENT = 300;
/** Nets that are remembered for viewers, those with the newest readings. */
const NETS = 256;

/** What is remembered of a net between its readings. It holds no session, which may be closed meanwhile. */
interface SeenNet {
  readonly recent: RecentReadings;
  flags: number;
  newest: Outcome;
  learning: boolean;
  networkBytes: number;
  engine: string;
  saved: SavedPoint | undefined;
  storeProblem: string | undefined;
  /** Undefined where the net has no monitor. */
  settings: { readonly sensitivity: number; readonly holdOff: number } | undefined;
  muted: boolean;
}

/** Lets people look at a stream and steer its nets. Frames are built only for nets that somebody looks at. */
export class StreamSource implements DashboardSource {
  readonly #stream: Stream;
  readonly #options: StreamSourceOptions;
  readonly #graph: ResolvedGraph;
  readonly #neurons: number;
  readonly #watched = new Map<string, (frame: DashboardFrame) => void>();
  /** The net with the oldest reading first. */
  readonly #nets = new Map<string, SeenNet>();
  readonly #stopObserving: () => void;

  constructor(stream: Stream, options: StreamSourceOptions) {
    const { graph, semantics } = stream.pool.model;
    this.#stream = stream;
    this.#options = options;
    this.#graph = resolveGraph(graph, semantics);
    this.#neurons = spikingNodes(this.#graph).reduce((sum, { size }) => sum + size, 0);
    this.#stopObserving = stream.observe((key, kept, outcome) => this.#see(key, kept, outcome));
  }

  close(): void {
    this.#stopObserving();
  }

  #see(key: string, kept: KeptSession, outcome: Outcome): void {
    const net = this.#remember(key, kept, outcome);
    const listener = this.#watched.get(key);
    kept.session.observed = listener !== undefined;
    if (listener === undefined) return;
    const raster = rasterOf(this.#graph, outcome.window?.raster, windowSteps(this.#stream.pool.model.sample));
    listener(this.#frame(net, readingOf(outcome), raster));
  }

  #remember(key: string, { session, saved, storeProblem }: KeptSession, outcome: Outcome): SeenNet {
    const former = this.#nets.get(key);
    const { monitor } = session;
    const net: SeenNet = {
      recent: former?.recent ?? new RecentReadings(RECENT, session.sampleSize),
      flags: (former?.flags ?? 0) + (outcome.verdict?.anomaly === true ? 1 : 0),
      newest: outcome,
      learning: session.learning,
      networkBytes: session.executor.bytes,
      engine: describeChoice(session.executor.choice),
      saved,
      storeProblem,
      settings: monitor && { sensitivity: monitor.sensitivity, holdOff: monitor.holdOff },
      muted: monitor?.muted ?? false,
    };
    net.recent.add(outcome);
    this.#nets.delete(key);
    this.#nets.set(key, net);
    if (this.#nets.size > NETS) this.#nets.delete(this.#nets.keys().next().value!);
    return net;
  }

  recent(net: string): readonly DashboardFrame[] {
    const seen = this.#nets.get(net);
    const none = rasterOf(this.#graph, undefined, windowSteps(this.#stream.pool.model.sample));
    return seen === undefined ? [] : seen.recent.list().map((reading) => this.#frame(seen, reading, none));
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
      channels: this.#stream.pool.model.channels,
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
    return [...this.#nets].map(([net, { newest, learning, muted, flags }]) => ({
      net,
      anomaly: newest.verdict?.anomaly ?? false,
      learning,
      muted,
      warm: newest.warmUp.done >= newest.warmUp.of,
      readings: newest.sequence,
      flags,
    }));
  }

  async command(net: string, command: DashboardCommand, settings: DashboardSettings = {}): Promise<string> {
    if (command !== 'settings') return this.#stream.command(net, command as StreamCommand, `page, net "${net}"`);
    const answer = await this.#stream.configure(net, settings, `page, net "${net}"`);
    const seen = this.#nets.get(net);
    const { monitor } = await this.#stream.status(net);
    if (seen !== undefined && monitor !== undefined) {
      seen.settings = { sensitivity: monitor.sensitivity, holdOff: monitor.holdOff };
      seen.muted = monitor.muted;
    }
    return answer;
  }

  #frame(net: SeenNet, reading: RecentReading, raster: DashboardRaster): DashboardFrame {
    const { seq, time, values, expected, score, anomaly, error, spikes, warmUp, latencyMicroseconds } = reading;
    const { sample, semantics } = this.#stream.pool.model;
    const { received, bad, published } = this.#stream.counters;
    return {
      seq,
      time,
      input: values,
      prediction: expected,
      actual: values,
      score,
      limit: net.settings?.sensitivity ?? Number.NaN,
      anomaly,
      learningError: error,
      spikes,
      rate: spikes / (this.#neurons * windowSteps(sample) * semantics.dt),
      raster,
      warmUp: { done: warmUp.done >= warmUp.of, readings: warmUp.done, of: warmUp.of },
      learning: net.learning,
      memory: { resident: process.memoryUsage.rss(), network: net.networkBytes },
      engine: net.engine,
      saved: net.saved === undefined ? null : { sequence: Number(net.saved.sequence), time: net.saved.time },
      ...(net.storeProblem === undefined ? {} : { storeProblem: net.storeProblem }),
      counters: { received, bad, dropped: this.#stream.dropped, published },
      latencyMicroseconds,
    };
  }
}

function readingOf(outcome: Outcome): RecentReading {
  const { sequence, time, values, expected, verdict, error, spikes, warmUp, latencyMicroseconds } = outcome;
  return {
    seq: sequence,
    time,
    values: Array.from(values),
    expected: expected === undefined ? null : Array.from(expected),
    score: verdict?.score ?? Number.NaN,
    anomaly: verdict?.anomaly ?? false,
    error,
    spikes,
    warmUp,
    latencyMicroseconds,
  };
}

/** Nodes that spike, with the first row of each in the raster. */
function spikingNodes(graph: ResolvedGraph): { place: number; size: number; offset: number }[] {
  let offset = 0;
  return graph.nodes.flatMap(({ kind, shape }, place) => {
    if (kind.role !== 'neuron' || kind.emits !== 'spikes') return [];
    const size = elementCount(shape);
    offset += size;
    return [{ place, size, offset: offset - size }];
  });
}

function rasterOf(graph: ResolvedGraph, events: EventList | undefined, windowSteps: number): DashboardRaster {
  const steps: number[] = [];
  const neurons: number[] = [];
  const offsets = new Map(spikingNodes(graph).map(({ place, offset }) => [place, offset]));
  for (let k = 0; k < (events?.step.length ?? 0); k++) {
    const offset = offsets.get(events!.node[k]!);
    if (offset === undefined) continue;
    steps.push(events!.step[k]!);
    neurons.push(offset + events!.index[k]!);
  }
  return { steps, neurons, windowSteps };
}

function shownSettings({ sensitivity, holdOff }: { sensitivity: number; holdOff: number }): DashboardSetting[] {
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
  ];
}
