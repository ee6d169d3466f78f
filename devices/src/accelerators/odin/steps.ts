import { SpikewireError } from '@spikewire/models';
import type { EventBuffer, EventList } from 'spikewire';
import type { NetworkCounters } from 'spikewire/state';
import type { Mapping } from './mapping.ts';

/** What of a net is not on the chip. */
export interface Activity {
  step: number;
  /** Rows that spikes pass later, by step. */
  readonly coming: Map<number, number[]>;
  readonly counters: NetworkCounters;
}

export interface StepsRequest {
  readonly steps: number;
  /** As `checkSpikes` takes it. */
  readonly input: EventList;
  /** Takes what the Outputs emit, and all spikes where they are wanted. */
  readonly output: EventBuffer;
  readonly raster?: EventBuffer | undefined;
}

/** More of one input in a step is a mistake of its sender. */
const MOST_SPIKES = 255;

/** Throws `input` for a value that is no number of spikes. */
export function checkSpikes({ graph }: Mapping, { node, value }: EventList): void {
  const odd = value.findIndex((count) => !Number.isInteger(count) || count < 0 || count > MOST_SPIKES);
  if (odd < 0) return;
  const where = `event ${odd} into "${graph.nodes[node[odd]!]!.name}"`;
  throw new SpikewireError('input', where, `has value ${value[odd]}`, `a whole number of spikes, 0 … ${MOST_SPIKES}`);
}

/**
 * Hands events to a chip, and takes the columns that spiked because of them. A step is a time reference for all
 * neurons, if anything falls with time, then the spikes of Inputs and those that come late, then the spikes that follow
 * from these in the same step. Of the events that are handed over together, rows that inhibit come first, because the
 * chip compares after each event. A neuron that spikes again in a step has its second spike left out, as a step of the
 * model has one.
 */
export function* runSteps(
  mapping: Mapping,
  activity: Activity,
  { steps, input, output, raster }: StepsRequest,
): Generator<readonly number[], void, Iterable<number>> {
  const { chip, cells } = mapping;
  let references: number[] = [];
  let event = 0;
  for (let step = 0; step < steps; step++, activity.step++) {
    if (mapping.hasTimeReferences) references.push(chip.leakAll);
    const spiked = new Set<number>();
    let rows = activity.coming.get(activity.step) ?? [];
    activity.coming.delete(activity.step);
    for (; input.step[event] === step; event++)
      for (let n = 0; n < input.value[event]!; n++)
        rows.push(...passedRows(mapping, activity, input.node[event]!, input.index[event]!));
    while (rows.length > 0) {
      const columns = yield [...references, ...inOrder(mapping, rows).map((row) => chip.row(row))];
      [references, rows] = [[], []];
      for (const column of columns) {
        const cell = cells[column];
        if (cell === undefined) throw foreignSpike(mapping, column);
        if (spiked.has(column)) continue;
        spiked.add(column);
        rows.push(...passedRows(mapping, activity, cell.node, cell.index));
      }
    }
    activity.counters.spikes += spiked.size;
    show(mapping, step, spiked, output, raster);
  }
  if (references.length > 0) for (const column of yield references) throw spikeWithoutCause(mapping, column);
}

/** The rows that a spike of this step passes now; those that it passes later are kept. */
function passedRows({ rows }: Mapping, { step, coming, counters }: Activity, node: number, index: number): number[] {
  const now: number[] = [];
  for (const { row, delay, synapses } of rows.get(node)?.[index] ?? []) {
    counters.synapticOperations += synapses;
    const later = coming.get(step + delay) ?? [];
    if (delay > 0) coming.set(step + delay, later);
    (delay > 0 ? later : now).push(row);
  }
  return now;
}

function inOrder({ image }: Mapping, rows: readonly number[]): number[] {
  const { inhibitory } = image;
  return rows.toSorted((a, b) => inhibitory[b]! - inhibitory[a]! || a - b);
}

function foreignSpike({ chip, cells }: Mapping, column: number): SpikewireError {
  const expected = `one of the net's, 0 … ${cells.length - 1}`;
  return new SpikewireError('unsupported', chip.title, `says that neuron ${column} spiked`, expected);
}

function spikeWithoutCause({ chip }: Mapping, column: number): SpikewireError {
  return new SpikewireError('unsupported', chip.title, `says that neuron ${column} spiked as it leaked`, 'no spike');
}

/** Emits the spikes of a step, by node and index. */
function show(
  { graph, cells }: Mapping,
  step: number,
  spiked: ReadonlySet<number>,
  output: EventBuffer,
  raster: EventBuffer | undefined,
): void {
  const columns = [...spiked].sort((a, b) => a - b);
  for (const column of columns) raster?.push(step, cells[column]!.node, cells[column]!.index, 1);
  const emitted = new Map<number, Map<number, number>>();
  for (const column of columns) {
    const { node, index } = cells[column]!;
    for (const { source, target } of graph.edges) {
      if (source !== node || graph.nodes[target]!.kind.role !== 'output') continue;
      const there = emitted.get(target) ?? new Map<number, number>();
      emitted.set(target, there.set(index, (there.get(index) ?? 0) + 1));
    }
  }
  for (const [node, there] of [...emitted].sort(([a], [b]) => a - b))
    for (const [index, value] of [...there].sort(([a], [b]) => a - b)) output.push(step, node, index, value);
}
