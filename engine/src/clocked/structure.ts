import {
  type Connectivity,
  type ConvolutionConnectivity,
  elementCount,
  HANDED_ON,
  isIdentity,
  linearDynamics,
  type PoolingConnectivity,
  type ResolvedNode,
  SpikewireError,
  type Wiring,
} from '@spikewire/models';
import { Layout } from './layout.ts';
import { type SynapticDrive, synapticDriveOf } from './synaptic-drive.ts';

/** Most spikes that a byte counts. */
const MOST_IN_BYTE = 127;

/** What this has to know of the numbers of a net. */
export interface KernelChoice {
  /** Format of the values in emission rings. */
  readonly values: 'int32' | 'float32';
  /** Whether the neuron node has a kernel; if not, its kind's own equations run. */
  hasKernel(node: ResolvedNode): boolean;
}

/**
 * What the compiler decides about a graph before it lays anything out: which nodes need no list of their own, which
 * connections add straight to a population, and in which order the elements of each node lie.
 */
export class Structure {
  readonly wiring: Wiring;
  /** By index: how the elements that a node emits lie in memory. */
  readonly layouts: readonly Layout[];
  /** By index of a population: the synapses that are stepped together with it; real numbers only. */
  readonly drives: ReadonlyMap<number, SynapticDrive>;
  /** By index of such a synapse: the drive that it belongs to. */
  readonly #driven = new Map<number, SynapticDrive>();
  readonly #form: KernelChoice;

  /** Throws `unsupported` where values would pass through an Input or Output. */
  constructor(wiring: Wiring, form: KernelChoice) {
    this.wiring = wiring;
    this.#form = form;
    const layouts: Layout[] = [];
    this.layouts = layouts;
    for (const index of wiring.graph.nodes.keys()) {
      this.#refuseThroughTerminal(index);
      layouts.push(this.#layoutOf(index));
    }
    this.drives = form.values === 'float32' ? this.#findDrives() : new Map();
  }

  /** The drive that the node at `index` is a synapse of. */
  drivenBy(index: number): SynapticDrive | undefined {
    return this.#driven.get(index);
  }

  #findDrives(): Map<number, SynapticDrive> {
    const drives = new Map<number, SynapticDrive>();
    for (const index of this.wiring.graph.nodes.keys()) {
      const drive = synapticDriveOf(this.wiring, index);
      if (drive?.synapses.every((synapse) => this.layouts[synapse.index]!.equals(this.layouts[index]!)) !== true) {
        continue;
      }
      drives.set(index, drive);
      for (const synapse of drive.synapses) this.#driven.set(synapse.index, drive);
    }
    return drives;
  }

  connectivity(index: number): Connectivity | undefined {
    return this.wiring.connectivity[index];
  }

  node(index: number): ResolvedNode {
    return this.wiring.graph.nodes[index]!;
  }

  /**
   * Whether a node hands on exactly what its one source emits in the same step, so that it needs no list of its own.
   */
  isAlias(index: number): boolean {
    const connectivity = this.connectivity(index);
    const incoming = this.wiring.incoming[index]!;
    return connectivity !== undefined && isIdentity(connectivity) && incoming.length === 1 && incoming[0]!.delay === 0;
  }

  /** The node whose list the one at `index` hands on, itself where that is not an alias. */
  originOf(index: number): number {
    return this.isAlias(index) ? this.originOf(this.wiring.incoming[index]![0]!.source) : index;
  }

  /** Whether a single node reads what the one at `index` emits, perhaps through aliases. */
  hasOneReader(index: number): boolean {
    const [edge, ...others] = this.wiring.outgoing[index]!;
    if (edge === undefined || others.length > 0) return false;
    return !this.isAlias(edge.target) || this.hasOneReader(edge.target);
  }

  /**
   * Whether the node at `index` is a population that kernels step as a linear one, from the sums of its own arrivals.
   */
  isLinear(index: number): boolean {
    const node = this.node(index);
    if (node.kind.role !== 'neuron' || !this.#form.hasKernel(node) || node.kind.linear === undefined) return false;
    return (node.kind.ports?.length ?? 1) === 1 && !this.drives.has(index) && !this.#driven.has(index);
  }

  /** Whether all values in the list of the node at `index` are 1, always. */
  sendsOnlySpikes(index: number): boolean {
    const { kind, semantics } = this.node(index);
    if (kind.role !== 'neuron' || kind.emits !== 'spikes' || !this.#form.hasKernel(this.node(index))) return false;
    return semantics.spikesPerStep === 'one';
  }

  /**
   * The population to whose accumulator a connection adds directly, at the index of the port that its one edge leads
   * to.
   */
  targetOf(index: number): number | undefined {
    const target = this.#reachedBy(index);
    if (target === undefined) return undefined;
    return addsTo(this.connectivity(index)!, this.#layoutOf(target)) ? target : undefined;
  }

  /** The one population that a connection leads to, if it may add to its accumulator where that lies as it needs. */
  #reachedBy(index: number): number | undefined {
    const outgoing = this.wiring.outgoing[index]!;
    const connectivity = this.connectivity(index);
    if (connectivity === undefined || this.isAlias(index) || outgoing.length !== 1) return undefined;
    const { target, delay, port } = outgoing[0]!;
    const node = this.node(target);
    if (node.kind.role !== 'neuron' || (delay > 0 && !this.isLate(index))) return undefined;
    if (port > 0 && connectivity.bias !== undefined) return undefined;
    return target;
  }

  /**
   * Whether a connection adds for the next step, once its population has emptied the accumulator: a delay of one step
   * without a list. Not where the sum starts from something in every step, nor into a synapse, whose state would show
   * what is yet to come.
   */
  isLate(index: number): boolean {
    const [edge, ...others] = this.wiring.outgoing[index]!;
    if (edge?.delay !== 1 || others.length > 0 || this.#form.values !== 'float32') return false;
    const connectivity = this.connectivity(index);
    if (connectivity === undefined || this.isAlias(index)) return false;
    if (connectivity.structure === 'elementwise' && connectivity.delays !== undefined) return false;
    if (connectivity.structure === 'selection') return false;
    const { target } = edge;
    if (this.node(target).kind.role !== 'neuron' || this.drives?.has(target) || this.#driven.has(target)) return false;
    return this.wiring.incoming[target]!.every(({ source }) => this.connectivity(source)?.bias === undefined);
  }

  #layoutOf(index: number): Layout {
    if (this.isAlias(index)) return this.layouts[this.wiring.incoming[index]![0]!.source]!;
    return this.#imageAt(index) ?? this.planar(elementCount(this.node(index).shape));
  }

  /**
   * Whether a pooling sums up whole windows that do not overlap, of the spikes that one population sends in this step
   * at most one by one: then it reads a byte per neuron instead of a list.
   */
  poolsSpikes(index: number): boolean {
    const connectivity = this.connectivity(index);
    const [edge, ...others] = this.wiring.incoming[index]!;
    if (connectivity?.structure !== 'pooling' || edge === undefined || others.length > 0 || edge.delay > 0)
      return false;
    const { kernel, stride, padding, inputSize, outputSize } = connectivity.geometry;
    const whole = [0, 1].every(
      (axis) =>
        kernel[axis] === stride[axis] && padding[axis] === 0 && outputSize[axis]! * stride[axis]! <= inputSize[axis]!,
    );
    const from = this.layouts[edge.source]!;
    const fits = kernel[0]! * kernel[1]! <= MOST_IN_BYTE && from.stride === this.layouts[index]!.stride;
    return whole && fits && from.pixels > 1 && this.targetOf(index) === undefined && this.#marksSpikes(edge.source);
  }

  /**
   * The largest value that arrives at the node at `index`, where all count spikes of a step: whole numbers from 1 on.
   */
  largestCount(index: number): number | undefined {
    const [edge, ...others] = this.wiring.incoming[index]!;
    if (edge === undefined || others.length > 0) return undefined;
    const origin = this.originOf(edge.source);
    if (this.sendsOnlySpikes(origin)) return 1;
    const connectivity = this.connectivity(origin);
    if (connectivity?.structure !== 'pooling' || !this.poolsSpikes(origin)) return undefined;
    const [height, width] = connectivity.geometry.kernel;
    return height * width;
  }

  /** Whether somebody reads the spikes of a population as a byte per neuron. */
  hasMap(index: number): boolean {
    return this.wiring.outgoing[index]!.some(({ target }) => this.poolsSpikes(target));
  }

  /** Whether a population steps its neurons in lanes, which is where it can leave such bytes. */
  #marksSpikes(index: number): boolean {
    const node = this.node(index);
    if (node.kind.role !== 'neuron' || !this.#form.hasKernel(node) || this.drives.has(index)) return false;
    if (node.kind.linear === undefined) return false;
    const { firing, current } = linearDynamics(node);
    return firing?.spikesPerStep === 'one' && (current === undefined || this.#form.values === 'float32');
  }

  /**
   * The layout in which the channels of a pixel lie together: behind convolutions, and where poolings take over what
   * lies so from sources that come earlier in a step. Equations outside the kernels do not know it.
   */
  #imageAt(index: number): Layout | undefined {
    const connectivity = this.connectivity(index);
    if (connectivity?.structure === 'convolution') return imageOf(connectivity);
    const incoming = this.wiring.incoming[index]!;
    if (connectivity?.structure === 'pooling') {
      const [height, width] = connectivity.geometry.inputSize;
      const takesOver =
        incoming.length > 0 && incoming.every(({ source }) => this.layouts[source]?.pixels === height * width);
      return takesOver ? imageOf(connectivity) : undefined;
    }
    const node = this.node(index);
    if (node.kind.role !== 'neuron' || !this.#form.hasKernel(node)) return undefined;
    for (const { source } of incoming) {
      const image = this.#reachedBy(source) === index ? this.#imageAt(source) : undefined;
      if (image !== undefined && image.pixels > 1) return image;
    }
    return undefined;
  }

  #refuseThroughTerminal(index: number): void {
    const { name, kind } = this.node(index);
    const { incoming, outgoing } = this.wiring;
    const passes =
      kind.role === 'input' ? incoming[index]!.length > 0 : kind.role === 'output' && outgoing[index]!.length > 0;
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
  largestOf(index: number): number {
    const connectivity = this.connectivity(index);
    if (connectivity === undefined) return HANDED_ON;
    if (connectivity.weights !== undefined) return Number.POSITIVE_INFINITY;
    const taps =
      connectivity.structure === 'pooling' ? connectivity.geometry.kernel[0] * connectivity.geometry.kernel[1] : 1;
    return taps * this.largestArriving(index);
  }

  largestArriving(index: number): number {
    return this.wiring.incoming[index]!.reduce(
      (sum, { source }) => sum + (source < index ? this.largestOf(source) : Number.POSITIVE_INFINITY),
      0,
    );
  }

  planar(size: number): Layout {
    return new Layout(size, 1);
  }
}

function imageOf({ geometry: { outputChannels, outputSize } }: ConvolutionConnectivity | PoolingConnectivity): Layout {
  return new Layout(outputChannels, outputSize[0] * outputSize[1]);
}

/** Whether a connection can add to elements that lie so: windows count channels and pixels as they do themselves. */
function addsTo(connectivity: Connectivity, layout: Layout): boolean {
  if (connectivity.structure === 'pooling') return layout.pixels === 1 || layout.equals(imageOf(connectivity));
  return connectivity.structure !== 'convolution' || layout.equals(imageOf(connectivity));
}
