import {
  type Connectivity,
  elementCount,
  HANDED_ON,
  isIdentity,
  type ResolvedNode,
  SpikewireError,
  type Wiring,
} from '@spikewire/models';
import { Layout } from './layout.ts';
import type { NumberForm } from './number-form.ts';

/**
 * What the compiler decides about a graph before it lays anything out: which nodes need no list of their own, which connections add
 * straight to a population, and in which order the elements of each node lie.
 */
export class Structure {
  readonly wiring: Wiring;
  /** By place: how the elements that a node emits lie in memory. */
  readonly layouts: readonly Layout[];
  readonly #form: NumberForm;

  /** Throws `unsupported` where values would pass through an Input or Output. */
  constructor(wiring: Wiring, form: NumberForm) {
    this.wiring = wiring;
    this.#form = form;
    const layouts: Layout[] = [];
    this.layouts = layouts;
    for (const place of wiring.graph.nodes.keys()) {
      this.#refuseThroughTerminal(place);
      layouts.push(this.#layoutOf(place));
    }
  }

  connectivity(place: number): Connectivity | undefined {
    return this.wiring.connectivity[place];
  }

  node(place: number): ResolvedNode {
    return this.wiring.graph.nodes[place]!;
  }

  /** Whether a node hands on exactly what its one source emits in the same step, so that it needs no list of its own. */
  isAlias(place: number): boolean {
    const connectivity = this.connectivity(place);
    const incoming = this.wiring.incoming[place]!;
    return connectivity !== undefined && isIdentity(connectivity) && incoming.length === 1 && incoming[0]!.delay === 0;
  }

  /** The population to whose accumulator a connection adds directly. */
  targetOf(place: number): number | undefined {
    const outgoing = this.wiring.outgoing[place]!;
    const connectivity = this.connectivity(place);
    if (connectivity === undefined || this.isAlias(place) || outgoing.length !== 1) return undefined;
    const { target, delay, port } = outgoing[0]!;
    const node = this.node(target);
    if (delay > 0 || port > 0 || node.kind.role !== 'neuron') return undefined;
    // What a convolution adds to has to lie channel-last, which equations outside the kernels do not know.
    return connectivity.structure === 'convolution' && !this.#form.hasKernel(node) ? undefined : target;
  }

  /** Of sources that come earlier in a step; a pooling of what comes later keeps its rows and columns apart from channels. */
  #layoutOf(place: number): Layout {
    const { shape } = this.node(place);
    if (this.isAlias(place)) return this.layouts[this.wiring.incoming[place]![0]!.source]!;
    const size = elementCount(shape);
    return this.#isImage(place) ? new Layout(shape[0]!, size / shape[0]!, this.#form.lanes) : this.planar(size);
  }

  /** Whether the channels of a place lie together: behind convolutions, and where poolings take over what lies so. */
  #isImage(place: number): boolean {
    const incoming = this.wiring.incoming[place]!;
    const connectivity = this.connectivity(place);
    if (connectivity?.structure === 'convolution') return true;
    if (connectivity?.structure === 'pooling') {
      const [height, width] = connectivity.geometry.inputSize;
      return incoming.length > 0 && incoming.every(({ source }) => this.layouts[source]?.places === height * width);
    }
    const node = this.node(place);
    if (node.kind.role !== 'neuron' || !this.#form.hasKernel(node)) return false;
    return incoming.some(({ source }) => this.targetOf(source) === place && this.#isImage(source));
  }

  #refuseThroughTerminal(place: number): void {
    const { name, kind } = this.node(place);
    const { incoming, outgoing } = this.wiring;
    const passes =
      kind.role === 'input' ? incoming[place]!.length > 0 : kind.role === 'output' && outgoing[place]!.length > 0;
    if (!passes) return;
    const problem = kind.role === 'input' ? 'has an edge into it' : 'has an edge out of it';
    throw new SpikewireError(
      'unsupported',
      `node "${name}" (${kind.type})`,
      problem,
      'an edge between the nodes around it',
    );
  }

  /** Largest magnitude that the node emits in whole numbers, where no weights are on the way. */
  largestOf(place: number): number {
    const connectivity = this.connectivity(place);
    if (connectivity === undefined) return HANDED_ON;
    if (connectivity.weights !== undefined) return Number.POSITIVE_INFINITY;
    const taps =
      connectivity.structure === 'pooling' ? connectivity.geometry.kernel[0] * connectivity.geometry.kernel[1] : 1;
    return taps * this.largestArriving(place);
  }

  largestArriving(place: number): number {
    return this.wiring.incoming[place]!.reduce(
      (sum, { source }) => sum + (source < place ? this.largestOf(source) : Number.POSITIVE_INFINITY),
      0,
    );
  }

  planar(size: number): Layout {
    return new Layout(size, 1, this.#form.lanes);
  }
}
