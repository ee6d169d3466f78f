import { elementCount, type ResolvedGraph } from '@spikewire/models';
import type { EventList } from '../engine/event-buffer.ts';
import type { KeptSession } from '../stream/kept-session.ts';
import type { Outcome } from '../stream/session.ts';
import type { Stream, StreamCommand } from '../stream/stream.ts';
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

/** Lets people look at a stream and steer its nets. Frames are built only for nets that somebody looks at. */
export class StreamSource implements DashboardSource {
  readonly #stream: Stream;
  readonly #options: StreamSourceOptions;
  readonly #watched = new Map<string, (frame: DashboardFrame) => void>();
  readonly #states = new Map<string, DashboardNetState>();
  readonly #sessions = new Map<string, KeptSession>();
  /** The newest outcomes of each net, without their windows, for a viewer who has just arrived. */
  readonly #recent = new Map<string, Outcome[]>();
  readonly #stopObserving: () => void;

  constructor(stream: Stream, options: StreamSourceOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#stopObserving = stream.observe((key, kept, outcome) => this.#see(key, kept, outcome));
  }

  close(): void {
    this.#stopObserving();
  }

  #see(key: string, kept: KeptSession, outcome: Outcome): void {
    const flags = this.#states.get(key)?.flags ?? 0;
    const anomaly = outcome.verdict?.anomaly ?? false;
    const { session } = kept;
    this.#sessions.set(key, kept);
    this.#states.set(key, {
      net: key,
      anomaly,
      learning: session.learning,
      warm: outcome.warmUp.done >= outcome.warmUp.of,
      readings: outcome.sequence,
      flags: flags + (anomaly ? 1 : 0),
    });
    this.#remember(key, outcome);
    const listener = this.#watched.get(key);
    session.observed = listener !== undefined;
    listener?.(this.#frame(kept, outcome));
  }

  #remember(key: string, outcome: Outcome): void {
    const outcomes = this.#recent.get(key) ?? [];
    this.#recent.set(key, outcomes);
    outcomes.push({ ...outcome, window: undefined });
    if (outcomes.length > 2 * RECENT) outcomes.splice(0, RECENT);
  }

  recent(net: string): readonly DashboardFrame[] {
    const kept = this.#sessions.get(net);
    return kept === undefined ? [] : this.#recent.get(net)!.slice(-RECENT).map((outcome) => this.#frame(kept, outcome));
  }

  describe(): DashboardDescription {
    const { title, notices = [] } = this.#options;
    const keys = new Set([...(this.#options.names?.keys() ?? []), ...this.#sessions.keys()]);
    return { title, notices, nets: [...keys].map((key) => this.#describeNet(key)) };
  }

  #describeNet(key: string): DashboardNet {
    const kept = this.#sessions.get(key);
    const { model } = this.#stream.pool;
    return {
      id: key,
      name: this.#options.names?.get(key) ?? (key === '' ? 'net' : key),
      channels: model.channels,
      neurons: kept === undefined ? 0 : neuronCount(kept.session.graph),
      ...(kept === undefined ? {} : { settings: settingsOf(kept) }),
    };
  }

  watch(net: string, listener: (frame: DashboardFrame) => void): () => void {
    this.#watched.set(net, listener);
    return () => {
      this.#watched.delete(net);
      const session = this.#sessions.get(net)?.session;
      if (session !== undefined) session.observed = false;
    };
  }

  states(): readonly DashboardNetState[] {
    return [...this.#states.values()];
  }

  async command(net: string, command: DashboardCommand, settings: DashboardSettings = {}): Promise<string> {
    if (command !== 'settings') return this.#stream.command(net, command as StreamCommand);
    const monitor = this.#sessions.get(net)?.session.monitor;
    if (monitor === undefined) return 'this net has nothing to set';
    if (settings.sensitivity !== undefined) monitor.sensitivity = settings.sensitivity;
    if (settings.holdOff !== undefined) monitor.holdOff = settings.holdOff;
    return `sensitivity ${monitor.sensitivity}, hold-off ${monitor.holdOff} readings`;
  }

  #frame({ session, saved }: KeptSession, outcome: Outcome): DashboardFrame {
    const { verdict, warmUp, window } = outcome;
    const seconds = session.model.sample.steps * session.model.semantics.dt;
    const neurons = neuronCount(session.graph);
    const { received, bad, published } = this.#stream.counters;
    return {
      seq: outcome.sequence,
      time: outcome.time,
      input: Array.from(outcome.values),
      prediction: outcome.expected === undefined ? null : Array.from(outcome.expected),
      actual: Array.from(outcome.values),
      score: verdict?.score ?? Number.NaN,
      limit: session.monitor?.sensitivity ?? Number.NaN,
      anomaly: verdict?.anomaly ?? false,
      learningError: outcome.error,
      spikes: outcome.spikes,
      rate: outcome.spikes / (neurons * seconds),
      raster: rasterOf(session.graph, window?.raster, session.model.sample.steps),
      warmUp: { done: warmUp.done >= warmUp.of, readings: warmUp.done, of: warmUp.of },
      learning: session.learning,
      memory: { resident: process.memoryUsage.rss(), network: session.executor.bytes },
      saved: saved === undefined ? null : { sequence: Number(saved.sequence), time: saved.time },
      counters: { received, bad, dropped: this.#stream.dropped, published },
      latencyMicroseconds: outcome.latencyMicroseconds,
    };
  }
}

function neuronCount(graph: ResolvedGraph): number {
  return spikingNodes(graph).reduce((sum, { size }) => sum + size, 0);
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

function settingsOf({ session }: KeptSession): DashboardSetting[] {
  const { monitor } = session;
  if (monitor === undefined) return [];
  return [
    { id: 'sensitivity', label: 'Sensitivity limit', unit: '× range', value: monitor.sensitivity, minimum: 1, maximum: 100, step: 0.5 },
    { id: 'holdOff', label: 'Hold-off', unit: 'readings', value: monitor.holdOff, minimum: 0, maximum: 10_000, step: 1 },
  ];
}
