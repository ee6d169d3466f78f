import {
  elementCount,
  type ResolvedGraph,
  type SelfTest,
  type Tensor,
  type TensorData,
  tensor,
} from '@spikewire/models';
import type { RunningNetwork } from '../engine.ts';
import { between, EventBuffer } from '../event-buffer.ts';
import type { Answer } from './difference.ts';

const COLUMNS = 3;
/** Bytes of a net times steps in one turn: tenths of a second on a small machine. */
const BYTES_PER_TURN = 80_000_000;

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

/**
 * What a net answers from a fresh start: rows of (step, element, value) per Output node, and v of `nodes` at the end.
 */
export function answerOf(network: RunningNetwork, steps: number, input: EventBuffer, nodes: Iterable<string>): Answer {
  const elements = outputsOf(network).reduce((sum, [, { shape }]) => sum + elementCount(shape), 0);
  const answering = answerInTurns(network, steps, input, nodes, steps * elements);
  for (let turn = answering.next(); ; turn = answering.next()) if (turn.done === true) return turn.value;
}

/** The same in turns, with the first `most` events and no others; gives the steps done between the turns. */
export function* answerInTurns(
  network: RunningNetwork,
  steps: number,
  input: EventBuffer,
  nodes: Iterable<string>,
  most: number,
): Generator<number, Answer> {
  const turn = Math.max(1, Math.floor(BYTES_PER_TURN / (1 + network.bytes)));
  const given = input.toList();
  const events = new EventBuffer(most);
  network.resetActivity();
  for (let first = 0; first < steps; first += turn) {
    if (first > 0) yield first;
    const before = events.length;
    network.run(Math.min(turn, steps - first), EventBuffer.of(between(given, first, first + turn)), events);
    for (let k = before; k < events.length; k++) events.step[k]! += first;
  }
  return {
    output: rowsOf(
      events,
      outputsOf(network).map(([index, { name }]) => [index, name] as const),
    ),
    membranes: new Map([...nodes].map((name) => [name, tensor(network.readState(name, 'v'))])),
  };
}

function outputsOf({ graph }: RunningNetwork) {
  return [...graph.nodes.entries()].filter(([, { kind }]) => kind.role === 'output');
}

/** Events as rows per node, in the smallest number format that holds them all. */
export function rowsOf(
  events: EventBuffer,
  nodes: readonly (readonly [index: number, name: string])[],
): Map<string, Tensor> {
  return new Map(
    nodes.map(([index, name]) => {
      const rows: number[] = [];
      for (let k = 0; k < events.length; k++) {
        if (events.node[k] === index) rows.push(events.step[k]!, events.index[k]!, events.value[k]!);
      }
      return [name, tensor(narrowest(rows), [rows.length / COLUMNS, COLUMNS])];
    }),
  );
}

function narrowest(values: readonly number[]): TensorData {
  const formats = [Uint8Array, Int8Array, Uint16Array, Int16Array, Int32Array];
  for (const format of formats) {
    const narrow = format.from(values);
    if (values.every((value, index) => narrow[index] === value)) return narrow;
  }
  return Float64Array.from(values);
}
