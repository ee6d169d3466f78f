import type { ServerResponse } from 'node:http';
import { printableLine } from '@spikewire/models';
import type { Roles } from '../../desk/access.ts';
import type { UpdatesStatus } from '../../desk/updates.ts';
import { defaultNet } from '../default-net.ts';
import {
  DASHBOARD_COMMANDS,
  type DashboardComparison,
  type DashboardDescription,
  type DashboardFrame,
  type DashboardMonitor,
  type DashboardNet,
  type DashboardNetState,
  type DashboardSource,
  SHOWN_CHANNELS,
  SHOWN_READINGS,
} from '../source.ts';
import type { DescribeEvent } from '../wire.ts';
import { statusEvent } from './batch.ts';
import { Viewer } from './viewer.ts';

/** Event streams that are served at the same time. */
export const MAXIMAL_VIEWERS = 16;

const LOOK_MILLISECONDS = 500;

/** What did not change is said again after so many looks, as a sign of life. */
const HEARTBEAT_LOOKS = 4;

interface Watched {
  readonly viewers: Set<Viewer>;
  /** What was last said of it, as text. */
  state: string;
  net: string;
  unwatch: () => void;
}

/** Who looks at which net. The source works for the nets that somebody looks at, and not at all for an empty house. */
export class Audience {
  readonly #source: DashboardSource;
  readonly #watched = new Map<string, Watched>();
  /** Who has come before there was the net that is wanted, or any where none is named. */
  readonly #waiting = new Map<Viewer, string | null>();
  #look: NodeJS.Timeout | undefined;
  #looks = 0;
  /** What was last said to all of two models, as text. */
  #compared = 'null';
  /** The same of updates. */
  #updates = 'null';

  constructor(source: DashboardSource) {
    this.#source = source;
  }

  get viewers(): number {
    return [...this.#everybody()].length;
  }

  *#everybody(): Generator<[viewer: Viewer, net: string | null]> {
    for (const viewer of this.#waiting.keys()) yield [viewer, null];
    for (const [net, { viewers }] of this.#watched) {
      for (const viewer of viewers) yield [viewer, net];
    }
  }

  /**
   * Makes an answered request a viewer of the net that it wants, or of the one that tells most, until its connection
   * closes; it waits where there is none yet.
   */
  join(wanted: string | null, response: ServerResponse, roles: Roles): void {
    const viewer = new Viewer(response, roles);
    if (!this.#begin(viewer, wanted)) {
      this.#waiting.set(viewer, wanted);
      this.#greet(viewer, null);
    }
    response.once('close', () => this.#leave(viewer));
    this.#look ??= setInterval(() => this.#lookAgain(), LOOK_MILLISECONDS);
  }

  /** Whether there is such a net. */
  #begin(viewer: Viewer, wanted: string | null): boolean {
    const id = wanted ?? defaultNet(this.#source);
    const net = id === undefined ? undefined : this.#source.net(id);
    if (net === undefined) return false;
    viewer.begin(net.channels.length);
    this.#greet(viewer, net.id);
    const past = this.#source.past?.(net.id);
    if (past !== undefined) viewer.send('past', past);
    viewer.replay(this.#source.recent?.(net.id) ?? []);
    this.#watch(net.id).viewers.add(viewer);
    return true;
  }

  #greet(viewer: Viewer, net: string | null): void {
    viewer.send('describe', this.#description(net, viewer.roles));
    const comparison = this.#comparison();
    if (comparison !== null) viewer.send('comparison', comparison);
    const updates = this.#shownUpdates();
    if (updates !== null) viewer.send('updates', updates);
    viewer.send('state', this.#stateOf(net));
  }

  /** Tells everybody what the source now says about itself. */
  describe(): void {
    for (const [viewer, net] of this.#everybody()) viewer.send('describe', this.#description(net, viewer.roles));
  }

  /** Tells everybody who looks at a net how it is after a command. */
  tell(net: string): void {
    const status = this.#source.status?.(net);
    for (const viewer of this.#watched.get(net)?.viewers ?? []) {
      if (status !== undefined) viewer.send('status', statusEvent(status, Date.now()));
      viewer.send('state', this.#stateOf(net));
    }
    this.#sendPast(net);
  }

  #stateOf(net: string | null): DashboardNetState | null {
    return (net === null ? undefined : this.#source.state?.(net)) ?? null;
  }

  #description(id: string | null, roles: Roles): DescribeEvent {
    const allowed = this.#source.allowed?.(roles) ?? DASHBOARD_COMMANDS;
    const net = id === null ? undefined : this.#source.net(id);
    const description = shown(this.#source.describe());
    return { description, net: net === undefined ? null : shownNet(net), span: SHOWN_READINGS, allowed };
  }

  close(): void {
    for (const [viewer] of this.#everybody()) viewer.close();
  }

  #watch(net: string): Watched {
    let watched = this.#watched.get(net);
    if (watched === undefined) {
      const viewers = new Set<Viewer>();
      const listener = (frame: DashboardFrame): void => {
        for (const viewer of viewers) {
          viewer.offer(frame);
        }
      };
      watched = { viewers, ...this.#textsOf(net), unwatch: this.#source.watch(net, listener) };
      this.#watched.set(net, watched);
    }
    return watched;
  }

  /** What is said of a net, to find out whether that has changed. */
  #textsOf(net: string): Pick<Watched, 'state' | 'net'> {
    return { state: JSON.stringify(this.#stateOf(net)), net: JSON.stringify(this.#source.net(net)) };
  }

  #leave(viewer: Viewer): void {
    this.#waiting.delete(viewer);
    for (const [net, { viewers, unwatch }] of this.#watched) {
      if (!viewers.delete(viewer) || viewers.size > 0) continue;
      this.#watched.delete(net);
      unwatch();
    }
    if (this.#watched.size + this.#waiting.size === 0) {
      clearInterval(this.#look);
      this.#look = undefined;
    }
  }

  #lookAgain(): void {
    const isHeartbeat = ++this.#looks % HEARTBEAT_LOOKS === 0;
    for (const [viewer, wanted] of this.#waiting) {
      if (this.#begin(viewer, wanted)) this.#waiting.delete(viewer);
      else if (isHeartbeat) viewer.send('state', null);
    }
    for (const [net, watched] of this.#watched) this.#sendNews(net, watched, isHeartbeat);
    this.tellUpdates();
    if (isHeartbeat) this.#sendComparison();
  }

  /** To all, where nothing has changed to none. */
  #sendComparison(): void {
    const comparison = this.#comparison();
    const text = JSON.stringify(comparison);
    if (text === this.#compared) return;
    this.#compared = text;
    for (const [viewer] of this.#everybody()) viewer.send('comparison', comparison);
  }

  /** Tells everybody where updates stand, where that has changed. */
  tellUpdates(): void {
    const updates = this.#shownUpdates();
    const text = JSON.stringify(updates);
    if (text === this.#updates) return;
    this.#updates = text;
    for (const [viewer] of this.#everybody()) viewer.send('updates', updates);
  }

  #shownUpdates(): UpdatesStatus | null {
    const updates = this.#source.updates?.();
    return updates === undefined ? null : shownUpdates(updates);
  }

  #comparison(): DashboardComparison | null {
    const comparison = this.#source.comparison?.();
    return comparison === undefined ? null : shownComparison(comparison);
  }

  #sendNews(net: string, watched: Watched, isHeartbeat: boolean): void {
    const former = { ...watched };
    Object.assign(watched, this.#textsOf(net));
    for (const viewer of watched.viewers) {
      if (watched.net !== former.net) this.#describeAnew(viewer, net);
      if (isHeartbeat || watched.state !== former.state) viewer.send('state', this.#stateOf(net));
    }
    if (isHeartbeat) this.#sendPast(net);
  }

  /** Another model may have come, of other channels. */
  #describeAnew(viewer: Viewer, net: string): void {
    viewer.begin(this.#source.net(net)?.channels.length ?? 0);
    viewer.send('describe', this.#description(net, viewer.roles));
  }

  #sendPast(net: string): void {
    const past = this.#source.past?.(net);
    const labels = this.#source.labels?.(net);
    for (const viewer of this.#watched.get(net)?.viewers ?? []) {
      if (labels !== undefined) viewer.send('labels', labels);
      if (past !== undefined) viewer.send('past', past);
    }
  }
}

function printableMonitor(monitor: DashboardMonitor): DashboardMonitor {
  return { ...monitor, title: printableLine(monitor.title) };
}

/** A description whose texts are fit to be seen: topics and model files give names to nets and channels. */
function shown({ title, notices, input, ...rest }: DashboardDescription): DashboardDescription {
  return {
    ...rest,
    title: printableLine(title),
    notices: notices.map(printableLine),
    ...(input === undefined ? {} : { input: printableLine(input) }),
  };
}

/** The same of two models. */
function shownComparison({ problem, answering, watched, ...rest }: DashboardComparison): DashboardComparison {
  return {
    ...rest,
    problem: problem === null ? null : printableLine(problem),
    answering: { ...answering, name: printableLine(answering.name) },
    watched: { ...watched, name: printableLine(watched.name) },
  };
}

/** The same of updates: files give names to models. */
function shownUpdates({
  summary,
  current,
  former,
  candidate,
  refused,
  problem,
  ...rest
}: UpdatesStatus): UpdatesStatus {
  return {
    ...rest,
    summary: printableLine(summary),
    current: current && { ...current, name: printableLine(current.name) },
    former: former && { ...former, name: printableLine(former.name) },
    candidate: candidate && printableLine(candidate),
    refused: refused.map(({ name, reason, ...each }) => ({
      ...each,
      name: printableLine(name),
      reason: printableLine(reason),
    })),
    problem: problem && printableLine(problem),
  };
}

/** The same of a net. */
function shownNet({ monitors, places, ...net }: DashboardNet): DashboardNet {
  return {
    ...net,
    name: printableLine(net.name),
    ...(net.about === undefined ? {} : { about: printableLine(net.about) }),
    ...(places && { places: places.map(printableLine) }),
    ...(monitors && { monitors: monitors.map(printableMonitor) }),
    channels: net.channels
      .slice(0, SHOWN_CHANNELS)
      .map((channel) => ({ ...channel, name: printableLine(channel.name), unit: printableLine(channel.unit) })),
  };
}
