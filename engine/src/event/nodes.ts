import {
  type Connectivity,
  elementCount,
  type Firing,
  type LinearDynamics,
  type NeuronKind,
  type ResolvedEdge,
  type ResolvedNode,
  type Wiring,
} from '@spikewire/models';
import type { NetworkCounters } from '../engine.ts';
import type { Arrivals } from './connections/arrivals.ts';
import { ConnectionNode } from './connections/connection-node.ts';
import { DelayedRelay } from './connections/delayed-relay.ts';
import type { EventNode } from './connections/event-node.ts';
import { RelayNode } from './connections/relay-node.ts';
import { SelectionNode } from './connections/selection-node.ts';
import { createTransmission } from './connections/transmission.ts';
import { followConstants } from './constants.ts';
import { ConstantInput } from './flow/constant-input.ts';
import type { TimeAxis } from './flow/flow.ts';
import { AdaptivePopulation, passesAtOnce } from './populations/adaptive-population.ts';
import { LazyPopulation } from './populations/lazy-population.ts';
import { ReadOut } from './populations/read-out.ts';
import type { StepCount } from './populations/step-count.ts';
import { SteppedPopulation } from './populations/stepped-population.ts';
import { TabledPopulation } from './populations/tabled-population.ts';
import { ConductanceTables } from './tables/conductance-tables.ts';
import { FlowTables } from './tables/flow-tables.ts';
import type { Tables } from './tables/silent-flow.ts';

export interface NodeOptions {
  readonly axis: TimeAxis;
  readonly counters: NetworkCounters;
  /** Whether the weights of the connection at an index will change. */
  readonly learns: (index: number) => boolean;
  /** [how many emissions found no room]. */
  readonly dropped: Float64Array;
  /**
   * Where neurons without a closed form shall run by tables of their flow if they can: what counts their steps, and
   * the bytes that are left for tables.
   */
  readonly tables?: { readonly stepCount: StepCount; readonly room: { bytes: number } };
}

export interface CreatedNodes {
  /** By index. */
  readonly nodes: readonly EventNode[];
  /** Neuron nodes that run step by step though tables were wanted, and why; for people. */
  readonly untabled: readonly string[];
  /** By index: whether it hands what it emits to its only target by itself. */
  readonly direct: readonly boolean[];
}

/** Makes a working node of every node of the graph. */
export function createNodes(wiring: Wiring, options: NodeOptions): CreatedNodes {
  const { graph, outgoing } = wiring;
  const { arriving, explicit } = followConstants(wiring, options.learns);
  const nodes: EventNode[] = new Array(graph.nodes.length);
  const direct = graph.nodes.map(() => false);
  const untabled: string[] = [];
  // From the last to the first, so that a connection finds the node to which it hands on at once.
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const resolved = graph.nodes[index]!;
    const size = elementCount(resolved.inputShape);
    const constants = arriving[index]!.map((pieces) => new ConstantInput(pieces, size, options.axis));
    const connectivity = wiring.connectivity[index];
    if (connectivity !== undefined) {
      const target = handsOnByItself(connectivity) ? onlyTarget(outgoing[index]!, nodes) : undefined;
      direct[index] = target !== undefined;
      nodes[index] = createConnection(connectivity, {
        target,
        constant: constants[0]!,
        explicit: explicit[index]!,
        learns: options.learns(index),
        counters: options.counters,
        axis: options.axis,
        dropped: options.dropped,
      });
    } else if (resolved.kind.role === 'neuron') {
      const speaks = outgoing[index]!.length > 0;
      const { node, reason } = createPopulation(resolved, resolved.kind, constants, speaks, options);
      nodes[index] = node;
      if (reason !== undefined)
        untabled.unshift(`node "${resolved.name}" (${resolved.kind.type}) runs step by step: ${reason}`);
    } else {
      nodes[index] = new RelayNode(size, constants[0]!);
    }
  }
  return { nodes, untabled, direct };
}

interface ConnectionOptions {
  readonly target: Arrivals | undefined;
  readonly constant: ConstantInput;
  readonly explicit: boolean;
  readonly learns: boolean;
  readonly counters: NetworkCounters;
  readonly axis: TimeAxis;
  readonly dropped: Float64Array;
}

function createConnection(connectivity: Connectivity, options: ConnectionOptions): EventNode {
  if (isDelaying(connectivity)) return new DelayedRelay(connectivity.delays, options.axis, options.dropped);
  if (connectivity.structure === 'selection') return new SelectionNode(connectivity, options.constant);
  const { inputs, outputs, bias } = connectivity;
  const transmission = createTransmission(connectivity, options.learns);
  return new ConnectionNode({ ...options, inputs, outputs, transmission, bias: options.explicit ? bias : undefined });
}

function handsOnByItself(connectivity: Connectivity): boolean {
  return !isDelaying(connectivity) && connectivity.structure !== 'selection';
}

function isDelaying(connectivity: Connectivity): connectivity is Connectivity & { readonly delays: Int32Array } {
  return connectivity.structure === 'elementwise' && connectivity.delays !== undefined;
}

/** Where all that a node emits arrives in the same step, if that is one node. */
function onlyTarget(outgoing: readonly ResolvedEdge[], nodes: readonly EventNode[]): Arrivals | undefined {
  const [edge, ...others] = outgoing;
  if (edge === undefined || others.length > 0 || edge.delay > 0) return undefined;
  return nodes[edge.target]!.arrivals[edge.port];
}

/** `speaks`: whether any edge leaves it. The reason is why there are no tables where they were wanted. */
function createPopulation(
  resolved: ResolvedNode,
  kind: NeuronKind,
  constants: readonly ConstantInput[],
  speaks: boolean,
  { axis, counters, tables: wanted }: NodeOptions,
): { readonly node: EventNode; readonly reason?: string } {
  const { node, shape, semantics } = resolved;
  const size = elementCount(shape);
  const dynamics = axis === 'grid' ? kind.linear?.(node, size, semantics) : continuousDynamics(resolved);
  if (dynamics !== undefined && kind.emits === 'state' && speaks) return { node: new ReadOut(dynamics, constants[0]!) };
  if (dynamics !== undefined && hasClosedForm(dynamics)) {
    return { node: new LazyPopulation({ dynamics, axis, dt: semantics.dt }, constants[0]!, counters) };
  }
  const adaptive = axis === 'grid' ? kind.adaptive?.(node, size, semantics) : undefined;
  if (adaptive !== undefined && passesAtOnce(adaptive)) {
    return { node: new AdaptivePopulation(adaptive, constants[0]!, counters) };
  }
  const prepared = kind.prepare(node, size, semantics);
  const stepped = () => new SteppedPopulation(kind, prepared, constants, { counters, stepCount: wanted?.stepCount });
  if (wanted === undefined) return { node: stepped() };
  const { stepCount, room } = wanted;
  stepCount.neurons += size;
  if (kind.linear !== undefined) return { node: stepped(), reason: 'with these parameters it has no closed form' };
  const tables: Tables | string =
    ConductanceTables.of(resolved, kind, room) ?? FlowTables.of(resolved, kind, constants[0]!.begins, room);
  if (typeof tables === 'string') return { node: stepped(), reason: tables };
  const tabled = new TabledPopulation(tables, prepared, constants, { counters, stepCount });
  return tables.lacking === undefined ? { node: tabled } : { node: tabled, reason: tables.lacking };
}

/** What a step of a neuron is in continuous time: the exact solution, and a crossing is a crossing. */
export function continuousDynamics({ kind, node, shape, semantics }: ResolvedNode): LinearDynamics | undefined {
  if (kind.role !== 'neuron') return undefined;
  const dynamics = kind.linear?.(node, elementCount(shape), { ...semantics, integrate: 'exact', threshold: 'ge' });
  return dynamics?.firing === undefined ? dynamics : { ...dynamics, firing: atOnce(dynamics.firing) };
}

/** Spikes that would follow each other without time going on become one emission of as many. */
function atOnce(firing: Firing): Firing {
  const { reset, threshold, resetValue, refractorySteps, refractorySeconds = refractorySteps } = firing;
  const isAtOnce =
    reset === 'subtract' &&
    refractorySeconds.every((seconds) => seconds === 0) &&
    threshold.every((theta, i) => theta > resetValue[i]!);
  return isAtOnce ? { ...firing, spikesPerStep: 'many' } : firing;
}

/**
 * Whether any number of steps is one formula: factors in 0 … 1 (forward Euler with dt > τ has others), and no floor
 * under a membrane that can turn.
 */
export function hasClosedForm({ decay, current, firing }: LinearDynamics): boolean {
  if (current === undefined) return decay.every((factor) => factor >= 0 && factor <= 1);
  const turns = firing?.minimum !== undefined;
  return (
    !turns && decay.every((factor) => factor > 0 && factor <= 1) && current.decay.every((each) => each > 0 && each < 1)
  );
}
