import {
  type LearnedWeightsState,
  learnedWeight,
  type Model,
  numbersOf,
  type ResolvedGraph,
  readLearned,
  readSafetensors,
  type Tensor,
  weightUnits,
  wire,
} from '@spikewire/models';
import type { Session } from '../session/session.ts';
import type { DashboardInside, DashboardMap } from './source.ts';

/** More cells than this are not told apart on a page. */
const MOST_ROWS = 64;
const MOST_COLUMNS = 128;

/**
 * The weights that a net learns, with their change since the base, and its membranes as they are now. The base of a
 * connection are the weights of the model, that of a read-out is what it knew when it was last told to settle.
 */
export async function lookInside(session: Session): Promise<DashboardInside> {
  const bytes = await session.save();
  const connections = [...readLearned(bytes)].map(([name, state]) => mapOf(name, session, state));
  const membranes = Object.entries(await session.membranes()).map(([name, values]) =>
    reduced(name, Array.from(values), undefined, values.length),
  );
  return { weights: [...connections, ...readoutOf(bytes, session)], membranes };
}

function mapOf(name: string, { model, graph }: Session, state: LearnedWeightsState): DashboardMap {
  const { node } = graph.nodes.find((candidate) => candidate.name === name)!;
  const tensor = (numbersOf(node, 'weight') ?? numbersOf(node, 'scale'))!;
  const weights = Array.from(state.weights, (_, k) => learnedWeight(state, k));
  const [rows = 1] = tensor.shape.length > 1 ? tensor.shape : [1];
  const base = baseOf(name, graph, model, tensor, weights.length);
  const change = weights.map((weight, k) => weight - base[k]!);
  return reduced(name, weights, change, weights.length / rows);
}

/** The weights of the model in the units of the graph; one number may stand for all. */
function baseOf(
  name: string,
  graph: ResolvedGraph,
  { quantization }: Model,
  { data }: Tensor,
  length: number,
): number[] {
  const index = graph.nodes.findIndex((node) => node.name === name);
  const units = quantization === undefined ? [1] : weightUnits(wire(graph), index, quantization);
  const rowLength = length / units.length;
  return Array.from({ length }, (_, k) => Number(data[k % data.length]) * units[Math.floor(k / rowLength)]!);
}

/** The first view of a read-out that is taught, a row for each of its classes. */
function readoutOf(bytes: Uint8Array, { taught, outputs }: Session): DashboardMap[] {
  const { classes } = taught?.figures ?? { classes: [] };
  if (classes.length === 0) return [];
  const { tensors } = readSafetensors(bytes, { allowNonFinite: true });
  const find = (end: string) => [...tensors].find(([name]) => name.endsWith(end))?.[1].data;
  const [adapted, base] = [find('.adapted.0.weights'), find('.base.0')];
  if (adapted === undefined) return [];
  const columns = adapted.length / outputs;
  const weights = Array.from(adapted as Float32Array).slice(0, classes.length * columns);
  const isSettled = base?.some((weight) => weight !== 0) ?? false;
  const change = isSettled ? weights.map((weight, k) => weight - Number(base![k])) : undefined;
  return [reduced('read-out', weights, change, columns)];
}

/** Where there are more cells than can be seen, the strongest of a block stands for it. */
function reduced(
  name: string,
  values: readonly number[],
  change: readonly number[] | undefined,
  width: number,
): DashboardMap {
  const height = values.length / width;
  const [rows, columns] = [Math.min(MOST_ROWS, height), Math.min(MOST_COLUMNS, width)];
  const strongest = (list: readonly number[]): number[] => {
    const cells = new Array<number>(rows * columns).fill(0);
    for (const [k, value] of list.entries()) {
      const row = Math.floor((Math.floor(k / width) * rows) / height);
      const cell = row * columns + Math.floor(((k % width) * columns) / width);
      if (Math.abs(value) > Math.abs(cells[cell]!)) cells[cell] = Number(value.toPrecision(4));
    }
    return cells;
  };
  const size = { name, height, width, rows, columns };
  return { ...size, values: strongest(values), ...(change === undefined ? {} : { change: strongest(change) }) };
}
