import type { ServerResponse } from 'node:http';
import { printableLine } from '@spikewire/models';
import {
  type DashboardDescription,
  type DashboardFrame,
  type DashboardNet,
  type DashboardSource,
  SHOWN_READINGS,
} from './source.ts';
import { Viewer } from './viewer.ts';
import type { DescribeEvent } from './wire.ts';

/** Event streams that are served at the same time. */
export const MAXIMAL_VIEWERS = 16;

const STATES_MILLISECONDS = 500;

/** States that did not change are sent again after so many looks, as a sign of life. */
const HEARTBEAT_LOOKS = 4;

interface Watched {
  readonly net: DashboardNet;
  readonly viewers: Set<Viewer>;
  unwatch: () => void;
}

/** Who looks at which net. The source works for the nets that somebody looks at, and not at all for an empty house. */
export class Audience {
  readonly #source: DashboardSource;
  readonly #watched = new Map<string, Watched>();
  #look: NodeJS.Timeout | undefined;
  #looks = 0;
  #statesSent = '';

  constructor(source: DashboardSource) {
    this.#source = source;
  }

  get viewers(): number {
    let viewers = 0;
    for (const watched of this.#watched.values()) {
      viewers += watched.viewers.size;
    }
    return viewers;
  }

  /** Makes an answered request a viewer of a net, until its connection closes. */
  join(net: DashboardNet, response: ServerResponse): void {
    const viewer = new Viewer(response, net);
    viewer.send('describe', this.#description(net));
    viewer.send('states', this.#source.states?.() ?? []);
    viewer.replay(this.#source.recent?.(net.id) ?? []);
    this.#watch(net).viewers.add(viewer);
    response.once('close', () => this.#leave(net.id, viewer));
    this.#look ??= setInterval(() => this.#sendStates(), STATES_MILLISECONDS);
  }

  /** Tells everybody what the source now says about itself. */
  describe(): void {
    for (const { net, viewers } of this.#watched.values()) {
      for (const viewer of viewers) viewer.send('describe', this.#description(net));
    }
  }

  #description({ id }: DashboardNet): DescribeEvent {
    return { description: shown(this.#source.describe()), net: id, span: SHOWN_READINGS };
  }

  close(): void {
    for (const { viewers } of this.#watched.values()) {
      for (const viewer of viewers) {
        viewer.close();
      }
    }
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

  #leave(net: string, viewer: Viewer): void {
    const watched = this.#watched.get(net);
    watched?.viewers.delete(viewer);
    if (watched?.viewers.size === 0) {
      this.#watched.delete(net);
      watched.unwatch();
    }
    if (this.#watched.size === 0) {
      clearInterval(this.#look);
      this.#look = undefined;
    }
  }

  #sendStates(): void {
    const states = this.#source.states?.() ?? [];
    const text = JSON.stringify(states);
    this.#looks++;
    if (text === this.#statesSent && this.#looks % HEARTBEAT_LOOKS !== 0) {
      return;
    }
    this.#statesSent = text;
    for (const { viewers } of this.#watched.values()) {
      for (const viewer of viewers) {
        viewer.send('states', states);
      }
    }
  }
}

/** A description whose texts are fit to be seen: topics and model files give names to nets and channels. */
function shown({ title, notices, nets }: DashboardDescription): DashboardDescription {
  return {
    title: printableLine(title),
    notices: notices.map(printableLine),
    nets: nets.map((net) => ({
      ...net,
      name: printableLine(net.name),
      channels: net.channels.map(({ name, unit }) => ({ name: printableLine(name), unit: printableLine(unit) })),
    })),
  };
}
