import type { ServerResponse } from 'node:http';
import { printableLine } from '@spikewire/models';
import type { Roles } from '../desk/access.ts';
import { statusEvent } from './batch.ts';
import {
  DASHBOARD_COMMANDS,
  type DashboardDescription,
  type DashboardFrame,
  type DashboardMonitor,
  type DashboardNet,
  type DashboardNetState,
  type DashboardSource,
  SHOWN_CHANNELS,
  SHOWN_READINGS,
} from './source.ts';
import { Viewer } from './viewer.ts';
import type { DashboardEvents, DescribeEvent } from './wire.ts';

/** Event streams that are served at the same time. */
export const MAXIMAL_VIEWERS = 16;

const STATES_MILLISECONDS = 500;

/** States that did not change are sent again after so many looks, as a sign of life; those of many nets only then. */
const HEARTBEAT_LOOKS = 4;
const MANY_NETS = 32;
/** The courses of all nets are sent again after so many looks. */
const COURSE_LOOKS = 20;

interface Watched {
  readonly net: DashboardNet;
  readonly viewers: Set<Viewer>;
  unwatch: () => void;
}

/** Who looks at which net. The source works for the nets that somebody looks at, and not at all for an empty house. */
export class Audience {
  readonly #source: DashboardSource;
  readonly #watched = new Map<string, Watched>();
  /** Who has come before there was a net. */
  readonly #waiting = new Set<Viewer>();
  #look: NodeJS.Timeout | undefined;
  #looks = 0;
  #statesSent = '';
  #netsSent = 0;

  constructor(source: DashboardSource) {
    this.#source = source;
  }

  get viewers(): number {
    return [...this.#everybody()].length;
  }

  *#everybody(): Generator<[viewer: Viewer, net: string | null]> {
    for (const viewer of this.#waiting) yield [viewer, null];
    for (const { net, viewers } of this.#watched.values()) {
      for (const viewer of viewers) yield [viewer, net.id];
    }
  }

  /** Makes an answered request a viewer of a net, until its connection closes; without a net it waits for one. */
  join(net: DashboardNet | undefined, response: ServerResponse, roles: Roles): void {
    const viewer = new Viewer(response, net?.channels.length ?? 0, roles);
    viewer.send('describe', this.#description(net?.id ?? null, roles));
    const states = this.#states();
    this.#netsSent = states.length;
    viewer.send('states', states);
    viewer.send('courses', this.#courses(states));
    if (net === undefined) this.#waiting.add(viewer);
    else this.#begin(viewer, net);
    response.once('close', () => this.#leave(net?.id, viewer));
    this.#look ??= setInterval(() => this.#sendStates(), STATES_MILLISECONDS);
  }

  #begin(viewer: Viewer, net: DashboardNet): void {
    const past = this.#source.past?.(net.id);
    if (past !== undefined) viewer.send('past', past);
    viewer.replay(this.#source.recent?.(net.id) ?? []);
    this.#watch(net).viewers.add(viewer);
  }

  /** Tells everybody what the source now says about itself. */
  describe(): void {
    for (const [viewer, net] of this.#everybody()) viewer.send('describe', this.#description(net, viewer.roles));
  }

  /** Tells everybody how things are after a command to a net. */
  tell(net: string): void {
    const status = this.#source.status?.(net);
    const past = this.#source.past?.(net);
    const labels = this.#source.labels?.(net);
    for (const viewer of this.#watched.get(net)?.viewers ?? []) {
      if (labels !== undefined) viewer.send('labels', labels);
      if (status !== undefined) viewer.send('status', statusEvent(status, Date.now()));
      if (past !== undefined) viewer.send('past', past);
    }
    const states = this.#states();
    for (const [viewer] of this.#everybody()) viewer.send('states', states);
  }

  #states(): readonly DashboardNetState[] {
    return this.#source.states?.() ?? [];
  }

  #description(net: string | null, roles: Roles): DescribeEvent {
    const allowed = this.#source.allowed?.(roles) ?? DASHBOARD_COMMANDS;
    return { description: shown(this.#source.describe(), net), net, span: SHOWN_READINGS, allowed };
  }

  close(): void {
    for (const [viewer] of this.#everybody()) viewer.close();
  }

  #watch(net: DashboardNet): Watched {
    let watched = this.#watched.get(net.id);
    if (watched === undefined) {
      const viewers = new Set<Viewer>();
      const listener = (frame: DashboardFrame): void => {
        for (const viewer of viewers) {
          viewer.offer(frame);
        }
      };
      watched = { net, viewers, unwatch: this.#source.watch(net.id, listener) };
      this.#watched.set(net.id, watched);
    }
    return watched;
  }

  #leave(net: string | undefined, viewer: Viewer): void {
    this.#waiting.delete(viewer);
    const watched = net === undefined ? undefined : this.#watched.get(net);
    watched?.viewers.delete(viewer);
    if (watched?.viewers.size === 0) {
      this.#watched.delete(watched.net.id);
      watched.unwatch();
    }
    if (this.#watched.size + this.#waiting.size === 0) {
      clearInterval(this.#look);
      this.#look = undefined;
    }
  }

  #sendStates(): void {
    this.#looks++;
    const isHeartbeat = this.#looks % HEARTBEAT_LOOKS === 0;
    if (!isHeartbeat && this.#netsSent > MANY_NETS) return;
    const states = this.#states();
    if (isHeartbeat) this.#sendPast();
    if (this.#looks % COURSE_LOOKS === 0) this.#sendCourses(states);
    const text = JSON.stringify(states);
    if (!isHeartbeat && text === this.#statesSent) return;
    if (states.length !== this.#netsSent) this.describe();
    this.#netsSent = states.length;
    this.#statesSent = text;
    for (const [viewer] of this.#everybody()) viewer.send('states', states);
  }

  #courses(states: readonly DashboardNetState[]): DashboardEvents['courses'] {
    if (states.length < 2) return {};
    return Object.fromEntries(states.map(({ net }) => [net, this.#source.course?.(net) ?? []]));
  }

  #sendCourses(states: readonly DashboardNetState[]): void {
    const courses = this.#courses(states);
    for (const [viewer] of this.#everybody()) viewer.send('courses', courses);
  }

  #sendPast(): void {
    for (const [net, { viewers }] of this.#watched) {
      const past = this.#source.past?.(net);
      const labels = this.#source.labels?.(net);
      for (const viewer of viewers) {
        if (past !== undefined) viewer.send('past', past);
        if (labels !== undefined) viewer.send('labels', labels);
      }
    }
  }
}

function printableMonitor(monitor: DashboardMonitor): DashboardMonitor {
  return { ...monitor, name: printableLine(monitor.name) };
}

/**
 * A description whose texts are fit to be seen: topics and model files give names to nets and channels. Monitors are
 * those of the net that is viewed.
 */
function shown(
  { title, notices, nets, input, ...rest }: DashboardDescription,
  viewed: string | null,
): DashboardDescription {
  return {
    ...rest,
    title: printableLine(title),
    notices: notices.map(printableLine),
    ...(input === undefined ? {} : { input: printableLine(input) }),
    nets: nets.map(({ monitors, ...net }) => ({
      ...net,
      name: printableLine(net.name),
      ...(net.about === undefined ? {} : { about: printableLine(net.about) }),
      ...(net.id === viewed && monitors && { monitors: monitors.map(printableMonitor) }),
      channels: net.channels
        .slice(0, SHOWN_CHANNELS)
        .map((channel) => ({ ...channel, name: printableLine(channel.name), unit: printableLine(channel.unit) })),
    })),
  };
}
