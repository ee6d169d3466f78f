import {
  elementCount,
  type ResolvedGraph,
  type SelfTest,
  type Tensor,
  type TensorData,
  tensor,
} from '@spikewire/models';
import type { RunningNetwork } from '../engine/engine.ts';
import { EventBuffer } from '../engine/event-buffer.ts';
import type { Answer } from './difference.ts';

const COLUMNS = 3;

/** The input of a vector as the events of a window. */
export function inputOf({ input }: Pick<SelfTest, 'input'>, graph: ResolvedGraph): EventBuffer {
  const rows = [...input].flatMap(([name, { data }]) => {
    const node = graph.nodes.findIndex((each) => each.name === name);
    return Array.from({ length: data.length / COLUMNS }, (_, row) => ({ node, data, at: row * COLUMNS }));
  });
  rows.sort((a, b) => a.data[a.at]! - b.data[b.at]!);
  const events = new EventBuffer(rows.length);
  for (const { node, data, at } of rows) events.push(data[at]!, node, data[at + 1]!, data[at + 2]!);
  return events;
}

/** What a net answers from a fresh start: rows of (step, element, value) per Output node, and v of `nodes` at the end. */
export function answerOf(network: RunningNetwork, steps: number, input: EventBuffer, nodes: Iterable<string>): Answer {
  const outputs = [...network.graph.nodes.entries()].filter(([, { kind }]) => kind.role === 'output');
  const elements = outputs.reduce((sum, [, { shape }]) => sum + elementCount(shape), 0);
  const events = new EventBuffer(steps * elements);
  network.resetActivity();
  network.run(steps, input, events);
  return {
    output: rowsOf(
      events,
      outputs.map(([place, { name }]) => [place, name] as const),
    ),
    membranes: new Map([...nodes].map((name) => [name, tensor(network.readState(name, 'v'))])),
  };
}

/** Events as rows per node, in the smallest number format that holds them all. */
export function rowsOf(
  events: EventBuffer,
  nodes: readonly (readonly [place: number, name: string])[],
): Map<string, Tensor> {
  return new Map(
    nodes.map(([place, name]) => {
      const rows: number[] = [];
      for (let k = 0; k < events.length; k++) {
        if (events.node[k] === place) rows.push(events.step[k]!, events.index[k]!, events.value[k]!);
      }
      return [name, tensor(narrowest(rows), [rows.length / COLUMNS, COLUMNS])];
    }),
  );
}

function narrowest(values: readonly number[]): TensorData {
  const formats = [Uint8Array, Int8Array, Uint16Array, Int16Array, Int32Array];
  for (const format of formats) {
    const narrow = format.from(values);
    if (values.every((value, place) => narrow[place] === value)) return narrow;
  }
  return Float64Array.from(values);
}
