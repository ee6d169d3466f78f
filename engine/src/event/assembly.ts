import { type KeptState, kept, prefixed, type ResolvedEdge, type Wiring, whole } from '@spikewire/models';
import type { Arrivals } from './connections/arrivals.ts';
import { DelayedEdge, EmissionRing, ringCapacity } from './connections/delayed-edge.ts';
import type { EventNode } from './connections/event-node.ts';
import { momentOn, type TimeAxis } from './flow/flow.ts';
import { createNodes, type NodeOptions } from './nodes.ts';

/** A node and what its edges do. */
interface Site {
  readonly node: EventNode;
  readonly entering: DelayedEdge[];
  /** Where its emissions go in the same visit. */
  readonly leaving: Arrivals[];
  /** Keeps its emissions for edges with a delay. */
  readonly ring: EmissionRing | undefined;
}

/**
 * The nodes of a net at work and their edges: what happens at one moment, and when something happens next. A visit goes
 * through the nodes in the order of a step, past those to which nothing happens.
 */
export class Assembly {
  /** By index. */
  readonly nodes: readonly EventNode[];
  /** Neuron nodes that run step by step though tables were wanted, and why; for people. */
  readonly untabled: readonly string[];
  readonly bytes: number;
  readonly #sites: readonly Site[];
  /** When the net started, as the time in front of its first visit. */
  readonly #origin = new Float64Array(1);
  /** [emissions that found a ring full]. */
  readonly #dropped = new Float64Array(1);
  readonly #axis: TimeAxis;

  constructor(wiring: Wiring, settings: Omit<NodeOptions, 'dropped'>, origin: number) {
    const options = { ...settings, dropped: this.#dropped };
    this.#axis = options.axis;
    const { nodes, untabled, direct } = createNodes(wiring, options);
    this.nodes = nodes;
    this.untabled = untabled;
    this.#sites = nodes.map((node, index) => {
      return { node, entering: [], leaving: [], ring: ringOf(wiring.outgoing[index]!, node, options) };
    });
    for (const { source, target, delay, port } of wiring.graph.edges) {
      if (direct[source] === true) continue;
      const arrivals = nodes[target]!.arrivals[port]!;
      if (delay === 0) this.#sites[source]!.leaving.push(arrivals);
    }
    for (const [source, { ring }] of this.#sites.entries()) {
      const delayed = wiring.outgoing[source]!.filter(({ delay }) => delay > 0);
      for (const [index, { target, delay, port }] of delayed.entries()) {
        const edge = new DelayedEdge(ring!, index, delay, nodes[target]!.arrivals[port]!);
        this.#sites[target]!.entering.push(edge);
      }
    }
    this.bytes = this.#sites.reduce((sum, { node, ring }) => sum + node.bytes + (ring?.bytes ?? 0), 16);
    this.reset(origin);
  }

  /** What the nodes keep besides, of which some may be the model's own. */
  get retained(): readonly object[] {
    return this.nodes.flatMap(({ retained = [] }) => retained);
  }

  /** Emissions that were lost because a ring was full: only off the grid, where a neuron may spike at any rate. */
  get dropped(): number {
    return this.#dropped[0]!;
  }

  /** When something happens next though no input arrives; Infinity for never. */
  get next(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { node, entering } of this.#sites) {
      if (node.next < earliest) earliest = node.next;
      for (const edge of entering) if (edge.next < earliest) earliest = edge.next;
    }
    return earliest;
  }

  /** Lets everything happen that happens at `now`. */
  visit(now: number): void {
    for (const { node, entering, leaving, ring } of this.#sites) {
      for (const edge of entering) edge.deliver(now);
      node.emission.length = 0;
      if (node.next > now && !hasArrivals(node)) continue;
      node.visit(now);
      const { emission } = node;
      if (emission.length === 0) continue;
      for (const target of leaving) {
        for (let k = 0; k < emission.length; k++) target.add(emission.index[k]!, emission.value[k]!);
      }
      ring?.push(now, emission);
    }
  }

  /** As at the start, which is at `origin`. */
  reset(origin: number): void {
    this.#origin[0] = origin;
    for (const { node, ring } of this.#sites) {
      node.reset(origin);
      ring?.reset();
    }
  }

  /** To be called after what `saved` names was overwritten from outside; the net is done with `now`. */
  restored(now: number): void {
    for (const { node } of this.#sites) node.restored(this.#origin[0]!, now);
  }

  /** Everything that changes, by name. */
  get saved(): KeptState {
    const ofSites = this.#sites.map(({ node, ring }, index) => {
      return prefixed(`node${index}`, { ...node.saved, ...(ring && prefixed('emitted', ring.saved)) });
    });
    const origin = { origin: kept(this.#origin, momentOn(this.#axis)) };
    const dropped = this.#axis === 'continuous' ? { dropped: kept(this.#dropped, whole()) } : {};
    return Object.assign({ ...origin, ...dropped }, ...ofSites);
  }
}

function ringOf(
  outgoing: readonly ResolvedEdge[],
  node: EventNode,
  { axis, dropped }: NodeOptions,
): EmissionRing | undefined {
  const delays = outgoing.map(({ delay }) => delay).filter((delay) => delay > 0);
  if (delays.length === 0) return undefined;
  const capacity = ringCapacity(node.emission.index.length, Math.max(...delays), axis);
  return new EmissionRing(node.emission.index.length, capacity, delays.length, dropped);
}

function hasArrivals({ arrivals }: EventNode): boolean {
  for (const each of arrivals) if (each.any) return true;
  return false;
}
