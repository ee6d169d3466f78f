import { setImmediate } from 'node:timers/promises';
import type { Executor, WindowRequest, WindowResult } from '@spikewire/engine/executor';
import { describeNonFinite, EventBuffer } from '@spikewire/engine/network';
import { type Model, type ResolvedGraph, resolveGraph, SpikewireError } from '@spikewire/models';
import type { AddressEvents } from '../address-events/address-events.ts';
import type { DenseSteps } from './dense-steps.ts';
import { inSteps } from './input.ts';
import { Recorder } from './recorder.ts';
import { type Observed, planRecording } from './recording.ts';
import { inputFor, type SimulateOptions, type SimulationOutput, stopped } from './simulate.ts';

/** Steps in one turn. */
const STEPS_PER_TURN = 64;

/**
 * The same as `simulate` on an executor, whose net has done no step yet: a message for each step, and one for the
 * lessons behind it. Rejects with `unsupported` where the executor does not hand out what is to be recorded: no state
 * but the membrane `v`, no weights, and maybe less; with `input` when `signal` is aborted before the end.
 */
export async function simulateOn(
  executor: Executor,
  model: Model,
  input: unknown | DenseSteps | AddressEvents,
  { learn = false, record = [{ what: 'spikes' }], last, warn }: Omit<SimulateOptions, 'engine'>,
  signal: AbortSignal,
): Promise<SimulationOutput> {
  await executor.setLearning(learn);
  const graph = resolveGraph(model.graph, model.semantics);
  const given = inputFor(graph, input);
  const net = new SeenNet(executor, graph);
  const neurons = graph.nodes.filter(({ kind }) => kind.role === 'neuron').map(({ name }) => name);
  if (record.some(({ what }) => what === 'v')) await net.run({ steps: 0, membranes: neurons });
  const plan = planRecording(record, net);
  const recorder = new Recorder(net, plan, last ?? Number.POSITIVE_INFINITY);
  const membranes = plan.traces.map(({ node }) => node);
  for (const { step, arriving, teach } of inSteps(given)) {
    if (step % STEPS_PER_TURN === 0) await setImmediate();
    if (signal.aborted) throw stopped({ step, steps: given.steps });
    const { raster, output } = await net.run({ steps: 1, input: arriving.toList(), membranes, raster: true });
    const lessons = teach.map(({ connection, signal: error }) => ({
      connection,
      signal: Float64Array.from(error),
      step,
    }));
    if (lessons.length > 0) await net.run({ steps: 0, teach: lessons, membranes });
    recorder.takeUp(EventBuffer.of(raster!), EventBuffer.of(output));
  }
  const { counters, nonFinite } = await net.run({ steps: 0 });
  for (const line of [executor.choice.warning, nonFinite && describeNonFinite(nonFinite)])
    if (line !== undefined) warn?.(line);
  return { dt: graph.semantics.dt, steps: given.steps, ...recorder.recording(), counters };
}

/** What an executor lets be seen of its net: spikes, and membranes at the end of the last window. */
class SeenNet implements Observed {
  readonly graph: ResolvedGraph;
  readonly #executor: Executor;
  #membranes: WindowResult['membranes'] = {};

  constructor(executor: Executor, graph: ResolvedGraph) {
    this.#executor = executor;
    this.graph = graph;
  }

  async run({
    input = new EventBuffer(0).toList(),
    ...request
  }: Omit<WindowRequest, 'input'> & Partial<WindowRequest>) {
    const result = await this.#executor.run({ input, ...request });
    if (request.raster && (result.raster === undefined || result.dropped > 0)) this.#refuse('spikes');
    this.#membranes = result.membranes;
    return result;
  }

  readState(node: string, variable: string): Float64Array {
    if (variable !== 'v') return this.#refuse(variable);
    return this.#membranes[node] ?? this.#refuse(variable);
  }

  readWeights(): Float64Array {
    return this.#refuse('weights');
  }

  #refuse(what: string): never {
    const problem = `are not handed out, or not all, by ${this.#executor.name}`;
    throw new SpikewireError('unsupported', `recorded ${what}`, problem, 'less to record, or an engine of this thread');
  }
}
