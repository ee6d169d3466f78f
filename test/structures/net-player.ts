import { elementCount, type Model, resolveGraph } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork } from 'spikewire';

/** [step, index, value], steps counted from the start of the net. */
export type Event = readonly [step: number, index: number, value: number];

/** A net of the clocked engine that is played window by window. */
export class NetPlayer {
  readonly network: RunningNetwork;
  readonly #indices: ReadonlyMap<string, number>;
  readonly #sizes: readonly number[];

  constructor(model: Model, engine = 'clocked') {
    this.network = engineNamed(engine).load(model);
    const { nodes } = resolveGraph(model.graph, model.semantics);
    this.#indices = new Map(this.network.graph.nodes.map(({ name }, index) => [name, index]));
    this.#sizes = nodes.map(({ shape }) => elementCount(shape));
  }

  /**
   * Runs `steps` steps with input events by name, in order of steps; returns what the outputs gave, and the spikes of
   * all neurons.
   */
  run(steps: number, input: Readonly<Record<string, readonly Event[]>> = {}, most = 200_000): Record<string, Event[]> {
    const start = this.network.step;
    const rows = Object.entries(input)
      .flatMap(([name, events]) => events.map(([step, ...rest]) => [step, this.#indices.get(name)!, ...rest] as const))
      .sort((a, b) => a[0] - b[0]);
    const window = new EventBuffer(Math.max(1, rows.length));
    for (const row of rows) window.push(...row);
    const [output, raster] = [new EventBuffer(most), new EventBuffer(most)];
    this.network.run(steps, window, output, raster);
    if (output.dropped + raster.dropped > 0) throw new Error('more events than the test has room for');
    const events: Record<string, Event[]> = {};
    for (const name of this.#indices.keys()) events[name] = [];
    for (const { length, step, node, index, value } of [output, raster]) {
      for (let k = 0; k < length; k++) {
        events[this.network.graph.nodes[node[k]!]!.name]!.push([start + step[k]!, index[k]!, value[k]!]);
      }
    }
    return events;
  }

  sizeOf(name: string): number {
    return this.#sizes[this.#indices.get(name)!]!;
  }
}
