import { type RecordedInput, type RecordingRequest, SpikewireError } from '@spikewire/models';
import { type Hdf5Array, readHdf5 } from '../../hdf5/index.ts';
import { ReadingMemory } from '../../reading-memory.ts';
import { DataGroup } from './group.ts';
import { EVENTS, GRAPH, GRIDDED, NODE, SPIKES, VALUED } from './layout.ts';

/** Memory of an event as a row of three numbers. */
const OF_ROW = 96;
/** How far the dt of a file may be from the net's, as a share: more than float32 rounds. */
const TOLERANCE = 1e-6;
/** A sub-graph's depth, far beyond that of nets. */
const MOST_DEPTH = 64;

type Row = readonly [step: number, index: number, value: number];

interface NodeInput {
  readonly steps: number;
  readonly rows: readonly Row[];
  readonly note?: string;
}

/** What an observable is read with. */
interface Asked extends RecordingRequest {
  readonly memory: ReadingMemory;
  readonly size: number;
}

/**
 * The recordings of one sample as the input of a net: of each of the net's Inputs, by its name, the one observable that
 * the file has, or `spikes` of several. Time-gridded data must have the net's dt; an event is in step ⌊time/dt⌋.
 * Attributes that are not known are not looked at. Throws `file` for what is no NIRData, `input` for what does not fit
 * the net, and `budget`.
 */
export function readNirData(bytes: Uint8Array, request: RecordingRequest, limit: number): RecordedInput {
  const memory = new ReadingMemory(limit, 'a smaller file');
  const root = new DataGroup(readHdf5(bytes, memory), '/');
  if (root.type !== GRAPH) {
    const found = root.type === '' ? 'has no type' : `is of type ${root.type}`;
    root.fail(found, `${GRAPH}, as nir.write_data makes it`);
  }
  const nodes = new Map(nodesOf(root, '', 0));
  const input: Record<string, readonly Row[]> = Object.create(null);
  const notes: string[] = [];
  let steps = 0;
  for (const [name, size] of request.inputs) {
    const node = nodes.get(name);
    if (node === undefined) continue;
    const given = readObservable(observableOf(node), { ...request, memory, size });
    input[name] = given.rows;
    steps = Math.max(steps, given.steps);
    if (given.note !== undefined) notes.push(given.note);
  }
  if (Object.keys(input).length === 0) {
    const problem = `has recordings of ${[...nodes.keys()].join(', ') || 'no node'}`;
    throw new SpikewireError(
      'input',
      'NIRData',
      problem,
      `of an Input of the net: ${[...request.inputs.keys()].join(', ')}`,
    );
  }
  return { steps, input, others: [...nodes.keys()].filter((name) => !request.inputs.has(name)), notes };
}

/** All nodes with data, those of sub-graphs by names such as `outer/inner`. */
function nodesOf(graph: DataGroup, prefix: string, depth: number): [string, DataGroup][] {
  if (depth > MOST_DEPTH) graph.fail(`is within ${MOST_DEPTH} sub-graphs`, 'fewer');
  return graph
    .group('nodes')
    .groups()
    .flatMap(([name, node]): [string, DataGroup][] => {
      if (node.type === NODE) return [[prefix + name, node]];
      if (node.type === GRAPH) return nodesOf(node, `${prefix}${name}/`, depth + 1);
      return node.fail(node.type === '' ? 'has no type' : `is of type ${node.type}`, `${NODE} or ${GRAPH}`);
    });
}

function observableOf(node: DataGroup): DataGroup {
  const observables = node.group('observables').groups();
  const [, found] = (observables.length === 1 ? observables[0] : observables.find(([name]) => name === SPIKES)) ?? [];
  const names = observables.map(([name]) => name).join(', ');
  return found ?? node.fail(`has the observables ${names || '(none)'}`, `one, or "${SPIKES}" among several`);
}

function readObservable(data: DataGroup, asked: Asked): NodeInput {
  if (data.type === GRIDDED) return readGridded(data, asked);
  if (data.type === EVENTS || data.type === VALUED) return readEvents(data, asked);
  return data.fail(data.type === '' ? 'has no type' : `is of type ${data.type}`, `${GRIDDED}, ${EVENTS} or ${VALUED}`);
}

function readGridded(data: DataGroup, { dt, sample, size, memory }: Asked): NodeInput {
  const own = data.number('dt');
  if (!(Math.abs(own - dt) <= TOLERANCE * dt)) misfit(data, `has steps of ${own} s`, `${dt} s, as the net has`);
  const array = data.dataset('data', 3);
  const [samples, steps, neurons] = array.shape as [number, number, number];
  checkFit(data, { samples, neurons }, { sample, size });
  const values = data.numbers(array).subarray(sample * steps * size, (sample + 1) * steps * size);
  let count = 0;
  for (const value of values) if (value !== 0) count++;
  memory.take(data.path, OF_ROW * count);
  const rows: Row[] = [];
  for (const [k, value] of values.entries()) {
    if (value === 0) continue;
    if (!Number.isFinite(value)) misfit(data, `has ${value} in step ${Math.floor(k / size)}`, 'finite numbers');
    rows.push([Math.floor(k / size), k % size, value]);
  }
  return { steps, rows };
}

function readEvents(data: DataGroup, { dt, sample, size, memory }: Asked): NodeInput {
  const arrays: Hdf5Array[] = [data.dataset('idx', 2), data.dataset('time', 2)];
  if (data.type === VALUED) arrays.push(data.dataset('value', 2));
  const [index, time, value] = arrays as [Hdf5Array, Hdf5Array, Hdf5Array?];
  const [samples, events] = index.shape as [number, number];
  if (arrays.some(({ shape }) => shape[0] !== samples || shape[1] !== events))
    data.fail(`has arrays of shapes ${arrays.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')}`, 'one shape');
  checkFit(data, { samples, neurons: data.number('n_neurons') }, { sample, size });
  const end = data.number('t_max');
  const steps = Math.round(end / dt);
  if (!(end >= 0 && steps < 2 ** 31)) misfit(data, `ends after ${end} s`, `fewer than 2³¹ steps of ${dt} s`);
  const part = (array: Hdf5Array) => data.numbers(array).subarray(sample * events, (sample + 1) * events);
  const [indices, times, values] = [part(index), part(time), value && part(value)];
  memory.take(data.path, OF_ROW * events);
  const precision = precisionOf(time);
  const rows: Row[] = [];
  let late = 0;
  for (const [k, element] of indices.entries()) {
    const at = times[k]!;
    // Padding.
    if (element === -1 || at === Number.POSITIVE_INFINITY) continue;
    const isRight = Number.isInteger(element) && element >= 0 && element < size;
    if (!isRight) misfit(data, `has idx ${element} in event ${k}`, `0…${size - 1}, or −1 for no event`);
    if (!(at >= 0)) misfit(data, `has time ${at} in event ${k}`, 'seconds from 0, or ∞ for no event');
    const step = Math.floor((at / dt) * (1 + precision));
    const given = values?.[k] ?? 1;
    if (!Number.isFinite(given)) misfit(data, `has value ${given} in event ${k}`, 'a finite number');
    if (step < steps) rows.push([step, element, given]);
    else late++;
  }
  const note = `${data.path}: ${late} events at or after t_max (${end} s) are not used`;
  return { steps, rows, ...(late > 0 && { note }) };
}

function checkFit(
  data: DataGroup,
  { samples, neurons }: { readonly samples: number; readonly neurons: number },
  { sample, size }: { readonly sample: number; readonly size: number },
): void {
  if (neurons !== size) misfit(data, `has ${neurons} neurons`, `${size}, as the net's Input`);
  if (sample < samples) return;
  misfit(data, `has ${samples} samples, and no sample ${sample}`, samples === 1 ? '--sample 0' : `0…${samples - 1}`);
}

function misfit(data: DataGroup, problem: string, expected: string): never {
  throw new SpikewireError('input', data.path, problem, expected);
}

/** What rounding takes from a time, so that a whole number of steps is not one step less. */
function precisionOf({ type }: Hdf5Array): number {
  if (type.class !== 'float') return 2 ** -50;
  return { 2: 2 ** -9, 4: 2 ** -22, 8: 2 ** -50 }[type.bytes];
}
