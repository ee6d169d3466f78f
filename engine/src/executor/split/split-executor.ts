import { type Model, modelDigest, type ResolvedGraph, SpikewireError, writeModel } from '@spikewire/models';
import { checkInput } from '../../check-input.ts';
import { type LearnedOnly, type NetworkCounters, newCounters, type TeachingOutcome } from '../../engine.ts';
import { between, EventBuffer } from '../../event-buffer.ts';
import type { NonFinite } from '../../non-finite.ts';
import { Exclusive } from '../exclusive.ts';
import type { Executor, ExecutorSource, OpenOptions, Teaching, WindowRequest, WindowResult } from '../executor.ts';
import type { Cut } from './cut.ts';
import { eventsOf, listOf, type NetEvent, RunningPart } from './part.ts';
import { nodesOnBoard, placementOf, planSplit, problemOf } from './plan.ts';
import { restoreSplit, type SplitNet, saveSplit } from './split-state.ts';

/** Where the parts of a net run. */
export interface SplitSides {
  readonly name: string;
  readonly board: ExecutorSource;
  readonly here: ExecutorSource;
  readonly options: OpenOptions;
}

/**
 * A net in parts, on the board what its abilities allow; one that fits there whole is the board's own. Rejects with
 * `unsupported` where nothing fits there, and with what a side rejects with.
 */
export async function openSplit(model: Model, { name, board, here, options: all }: SplitSides): Promise<Executor> {
  const plan = planSplit(model, board.abilities);
  const problem = problemOf(plan, board.name);
  if (problem !== undefined)
    throw new SpikewireError('unsupported', 'model', `has ${problem}`, `a model for ${board.name}`);
  const { graph, cut, parts } = plan;
  if (parts.length === 1) return board.open(writeModel(model), all);
  const { selfTest: _, ...options } = all;
  const opened: RunningPart[] = [];
  try {
    for (const [k, part] of parts.entries()) {
      const side = cut.parts[k]!.onBoard ? board : here;
      opened.push(new RunningPart(await side.open(writeModel(part.model), options), part, graph));
    }
  } catch (problem) {
    await Promise.all(opened.map(({ executor }) => executor.close().catch(() => {})));
    throw problem;
  }
  const because = `${nodesOnBoard(plan).size} of ${graph.nodes.length} nodes on ${board.name}`;
  const { nodes } = placementOf(plan, name, { board, here });
  return new SplitExecutor({ name, choice: { engine: name, because }, nodes }, model, graph, cut, opened);
}

/** What a window gives, of all parts. */
interface Gathered {
  readonly output: NetEvent[];
  readonly raster: NetEvent[];
  readonly membranes: Record<string, Float64Array>;
  readonly taught: Map<Teaching, TeachingOutcome>;
  dropped: number;
  nonFinite?: NonFinite | undefined;
}

/**
 * Runs the parts of a net one after the other, each through the whole window, or in strides where a cycle is cut. What
 * populations send to others goes from window to window of the parts.
 */
class SplitExecutor implements Executor {
  readonly name: string;
  readonly choice: Executor['choice'];
  readonly nodes: Executor['nodes'];
  readonly #net: SplitNet;
  readonly #graph: ResolvedGraph;
  readonly #cut: Cut;
  readonly #counters: NetworkCounters[];
  /** By population, the parts that hear it in the same stride, and those that hear it a stride later. */
  readonly #hearers: Hearers;
  readonly #lateHearers: Hearers;
  #isOpen = true;
  #closing: Promise<void> | undefined;
  /** What ended a window midway, after which the parts are at different steps; until a state is restored. */
  #failure: unknown;
  readonly #exclusive = new Exclusive();

  constructor(
    { name, choice, nodes }: Pick<Executor, 'name' | 'choice' | 'nodes'>,
    model: Model,
    graph: ResolvedGraph,
    cut: Cut,
    parts: readonly RunningPart[],
  ) {
    this.name = name;
    this.choice = choice;
    this.nodes = nodes;
    this.#graph = graph;
    this.#cut = cut;
    this.#counters = parts.map(newCounters);
    this.#hearers = hearersOf(cut, false);
    this.#lateHearers = hearersOf(cut, true);
    const lateSources = new Set(this.#lateHearers.keys());
    const digest = modelDigest(model);
    this.#net = { digest, graph, parts, lateSources, stride: cut.stride, step: 0, late: [] };
  }

  get bytes(): number {
    return this.#net.parts.reduce((sum, { executor }) => sum + executor.bytes, 0);
  }

  run(request: WindowRequest): Promise<WindowResult> {
    return this.#inOrder(() => this.#run(request));
  }

  async #run(request: WindowRequest): Promise<WindowResult> {
    const { steps, input, teach = [], membranes = [], fresh, raster } = request;
    this.#expectWhole();
    checkInput(this.#graph, steps, EventBuffer.of(input));
    this.#expectKnown(teach, membranes);
    const net = this.#net;
    if (fresh) net.late = [];
    const gathered: Gathered = { output: [], raster: [], membranes: {}, taught: new Map(), dropped: 0 };
    const begin = net.step;
    let first = 0;
    do {
      const length = Math.min(net.stride, steps - first);
      const stride = eventsOf(between(input, first, first + length), first);
      await this.#runStride(request, first, length, stride, gathered).catch((failure: unknown) => {
        this.#failure = failure;
        throw failure;
      });
      first += length;
    } while (first < steps);
    net.step = begin + steps;
    return {
      output: listOf(gathered.output),
      raster: raster ? listOf(gathered.raster) : undefined,
      membranes: gathered.membranes,
      dropped: gathered.dropped,
      step: net.step,
      counters: this.#sumOfCounters(),
      taught: teach.map((lesson) => gathered.taught.get(lesson)!),
      nonFinite: gathered.nonFinite,
    };
  }

  /** Steps `first` … `first + length − 1` of a window, part by part. */
  async #runStride(
    { steps, teach = [], fresh = false, membranes = [], hold = false, raster = false }: WindowRequest,
    first: number,
    length: number,
    given: readonly NetEvent[],
    gathered: Gathered,
  ): Promise<void> {
    const net = this.#net;
    const [isFirst, isLast] = [first === 0, first + length >= steps];
    const due = net.late.filter(({ step }) => step < net.step + length);
    const arrived = due.map((event) => ({ ...event, step: event.step - net.step + first }));
    const heard: NetEvent[][] = net.parts.map(() => []);
    const late: NetEvent[] = net.late.slice(due.length);
    for (const [k, part] of net.parts.entries()) {
      const lateHere = arrived.filter(({ node }) => this.#lateHearers.get(node)?.has(k));
      const lessons = isFirst ? teach.filter(({ connection }) => part.names.has(connection)) : [];
      const result = await part.executor.run({
        steps: length,
        input: part.take([...given, ...lateHere, ...heard[k]!], first),
        teach: lessons,
        fresh: fresh && isFirst,
        membranes: isLast ? membranes.filter((name) => this.#ownsNeuron(k, name)) : [],
        hold,
        raster,
      });
      const { left, sent } = part.give(result.output, first);
      // One by one: a call takes fewer arguments than a window may have events.
      for (const event of left) gathered.output.push(event);
      if (result.raster !== undefined)
        for (const event of part.give(result.raster, first).left) gathered.raster.push(event);
      Object.assign(gathered.membranes, result.membranes);
      gathered.dropped += result.dropped;
      gathered.nonFinite ??= result.nonFinite;
      for (const [n, lesson] of lessons.entries()) gathered.taught.set(lesson, result.taught[n]!);
      this.#counters[k] = result.counters;
      for (const event of sent) {
        for (const to of this.#hearers.get(event.node) ?? []) if (to > k) heard[to]!.push(event);
        if (net.lateSources.has(event.node)) late.push({ ...event, step: event.step - first + net.step + net.stride });
      }
    }
    net.late = late.sort((a, b) => a.step - b.step);
    net.step += length;
  }

  #ownsNeuron(k: number, name: string): boolean {
    return this.#cut.parts[k]!.targets.some((node) => this.#graph.nodes[node]!.name === name);
  }

  #expectKnown(teach: readonly Teaching[], membranes: readonly string[]): void {
    const { parts } = this.#net;
    const connection = teach.find((lesson) => !parts.some(({ model }) => model.learning.has(lesson.connection)));
    if (connection !== undefined) {
      const known = parts.flatMap(({ model }) => [...model.learning.keys()]).join(', ') || 'none in this model';
      throw new SpikewireError('learning', `connection "${connection.connection}"`, 'does not learn', known);
    }
    const name = membranes.find((wanted) => !parts.some((_, k) => this.#ownsNeuron(k, wanted)));
    if (name !== undefined) throw new SpikewireError('input', `node "${name}"`, 'is not a population', 'a population');
  }

  #expectWhole(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #sumOfCounters(): NetworkCounters {
    const sum = newCounters();
    for (const counters of this.#counters)
      for (const name of Object.keys(sum) as (keyof NetworkCounters)[]) sum[name] += counters[name];
    return sum;
  }

  setLearning(on: boolean): Promise<void> {
    return this.#inOrder(() => this.#each((executor) => executor.setLearning(on)));
  }

  resetLearning(): Promise<void> {
    return this.#inOrder(() => this.#each((executor) => executor.resetLearning()));
  }

  save(): Promise<Uint8Array> {
    return this.#inOrder(async () => {
      this.#expectWhole();
      return saveSplit(this.#net, this.#sumOfCounters());
    });
  }

  restore(state: Uint8Array): Promise<LearnedOnly | undefined> {
    return this.#inOrder(async () => {
      const taken = await restoreSplit(state, this.#net);
      this.#failure = undefined;
      return taken;
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#inOrder(async () => {
      this.#isOpen = false;
      await this.#each((executor) => executor.close());
    });
    return this.#closing;
  }

  async #each(call: (executor: Executor) => Promise<void>): Promise<void> {
    await Promise.all(this.#net.parts.map(({ executor }) => call(executor)));
  }

  #inOrder<Value>(call: () => Promise<Value>): Promise<Value> {
    return this.#exclusive.run(async () => {
      if (!this.#isOpen) throw new SpikewireError('unsupported', 'net', 'is closed', 'an open one');
      return call();
    });
  }
}

type Hearers = ReadonlyMap<number, ReadonlySet<number>>;

function hearersOf({ crossing }: Cut, isLate: boolean): Hearers {
  const hearers = new Map<number, Set<number>>();
  for (const link of crossing) {
    if (link.isLate !== isLate) continue;
    const parts = hearers.get(link.source) ?? new Set();
    hearers.set(link.source, parts.add(link.to));
  }
  return hearers;
}
