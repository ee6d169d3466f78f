import type { WindowResult } from '@spikewire/engine/executor';
import { type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { AddressLayout } from '../address-events/address-layout.ts';
import { type Field, fieldOf, openSink } from './open-sink.ts';
import type { SpikeSink, Spikes } from './spike-sink.ts';

/** What has become of spikes. */
export interface SpikeFigures {
  readonly node: string;
  readonly to: string;
  /** Spikes that were sent or written. */
  readonly sent: number;
  /** Spikes for which there was no room, nobody who listened, or a failure. */
  readonly lost: number;
}

export interface SpikeOutputOptions {
  readonly node: string;
  readonly to: string;
  warn(line: string): void;
}

/**
 * The spikes of a node of a net that runs, as address events in the net's own time: that of its steps, from its first
 * sample on.
 */
export class SpikeOutput {
  readonly #options: SpikeOutputOptions;
  readonly #sink: SpikeSink;
  readonly #layout: AddressLayout;
  readonly #field: Field;
  #sent = 0;
  #lost = 0;
  #closed = false;

  /** Rejects with `usage` where the node does not spike, or no such place can be. */
  static async open(graph: ResolvedGraph, options: SpikeOutputOptions): Promise<SpikeOutput> {
    const field = fieldOf(spikingNode(graph, options.node).shape);
    const { sink, layout } = await openSink(options.to, field, options.warn);
    return new SpikeOutput(options, sink, layout, field);
  }

  private constructor(options: SpikeOutputOptions, sink: SpikeSink, layout: AddressLayout, field: Field) {
    this.#options = options;
    this.#sink = sink;
    this.#layout = layout;
    this.#field = field;
  }

  /** Throws `usage` where another net has no such node, or one of another shape. */
  expectFitting(graph: ResolvedGraph): void {
    const { size, polarities } = fieldOf(spikingNode(graph, this.#options.node).shape);
    const own = this.#field;
    if (size.width === own.size.width && size.height === own.size.height && polarities === own.polarities) return;
    const problem = `has ${size.width}x${size.height} neurons in the new model`;
    throw new SpikewireError('usage', `node "${this.#options.node}"`, problem, `${own.size.width}x${own.size.height}`);
  }

  /** Sends the spikes of a window of so many steps. */
  take(graph: ResolvedGraph, window: WindowResult, steps: number): void {
    this.#lost += window.dropped;
    if (window.raster === undefined || this.#closed) return;
    const spikes = this.#spikesOf(graph, window, window.step - steps);
    const { length } = spikes.time;
    if (length === 0) return;
    const sent = this.#sink.send(spikes);
    this.#sent += sent;
    this.#lost += length - sent;
  }

  #spikesOf({ nodes, semantics }: ResolvedGraph, { raster }: WindowResult, first: number): Spikes {
    const spikes = { time: [], x: [], y: [], polarity: [], address: [] } as Record<keyof Spikes, number[]>;
    const { width, height } = this.#field.size;
    for (let k = 0; k < raster!.step.length; k++) {
      if (nodes[raster!.node[k]!]!.name !== this.#options.node) continue;
      const place = Math.floor(raster!.index[k]! / width);
      const [x, y] = [raster!.index[k]! % width, place % height];
      const polarity = this.#field.polarities === 1 ? 1 : Math.floor(place / height);
      // Never before its step begins, so that whoever counts steps finds it there.
      spikes.time.push(Math.ceil((first + raster!.step[k]!) * semantics.dt * 1e6 - 1e-3));
      spikes.x.push(x);
      spikes.y.push(y);
      spikes.polarity.push(polarity);
      spikes.address.push(this.#layout.name === 'index' ? raster!.index[k]! : this.#layout.at(x, y, polarity));
    }
    return spikes;
  }

  get figures(): SpikeFigures {
    const { node, to } = this.#options;
    const { lostLater } = this.#sink;
    return { node, to, sent: this.#sent - lostLater, lost: this.#lost + lostLater };
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#sink.close();
  }
}

function spikingNode({ nodes, semantics }: ResolvedGraph, name: string) {
  const spiking = nodes.filter(({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes');
  const node = spiking.find((each) => each.name === name);
  if (node === undefined) {
    const expected = spiking.map((each) => each.name).join(', ') || 'a model with neurons that spike';
    throw new SpikewireError('usage', `node "${name}"`, 'is not a node that spikes', expected);
  }
  if (semantics.dt >= 1e-6) return node;
  throw new SpikewireError('usage', `node "${name}"`, `has steps of ${semantics.dt} s`, 'at least a microsecond');
}
