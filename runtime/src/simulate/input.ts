import { EventBuffer } from '@spikewire/engine/network';
import { elementCount, formatShape, type ResolvedGraph, type ResolvedNode, SpikewireError } from '@spikewire/models';
import type { DenseSteps } from './dense-steps.ts';
import { GatheredEvents } from './gathered-events.ts';

/** A teaching signal for the activity at the end of `step`; new weights count from the next step. */
export interface SimulatedTeaching {
  readonly step: number;
  readonly connection: string;
  readonly signal: readonly number[];
}

/** What a simulation is given, checked: events in order of steps, teaching signals likewise. */
export interface SimulationInput {
  readonly steps: number;
  readonly events: EventBuffer;
  readonly teach: readonly SimulatedTeaching[];
}

/** What a net is given in one step: events of step 0, valid until the next step, and signals for its end. */
interface GivenStep {
  readonly step: number;
  readonly arriving: EventBuffer;
  readonly teach: readonly SimulatedTeaching[];
}

/** An input step by step, so that everything can be recorded and taught between steps. */
export function* inSteps({ steps, events, teach }: SimulationInput): Generator<GivenStep> {
  const arriving = new EventBuffer(largestStep(events));
  for (let step = 0, event = 0, signal = 0; step < steps; step++) {
    arriving.clear();
    for (; event < events.length && events.step[event] === step; event++) {
      arriving.push(0, events.node[event]!, events.index[event]!, events.value[event]!);
    }
    const first = signal;
    while (teach[signal]?.step === step) signal++;
    yield { step, arriving, teach: teach.slice(first, signal) };
  }
}

/** The most events that one step has. */
function largestStep({ step, length }: EventBuffer): number {
  let largest = 0;
  for (let k = 0, first = 0; k < length; k++) {
    if (step[k] !== step[first]) first = k;
    largest = Math.max(largest, k - first + 1);
  }
  return largest;
}

/**
 * Checks the JSON form of an input:
 *
 * `{"dt": 1e-4, "steps": 1000, "input": {"<Input node>": [[step, index, value?], …]}, "dense": {"<Input node>": [[…n
 * values…], …]}, "teach": {"<learned connection>": [[step, [… one value per output …]], …]}}`
 *
 * A value left out is 1, a spike. `dense` gives one row per step; `steps` may then be left out. Values of the same
 * element and step add up. `dt` must be the model's. Other keys are not read, so that a case with its expected answer
 * is an input as it is. Throws `input` errors that name the place.
 */
export function parseInput(source: unknown, graph: ResolvedGraph): SimulationInput {
  const document = objectAt(source, 'input document');
  checkDt(document.dt, graph.semantics.dt);
  if (document.input === undefined && document.dense === undefined)
    fail('input', 'has neither events nor rows', 'a JSON object with the key "input" (events) or "dense" (rows)');
  const events = objectAt(document.input ?? {}, 'input');
  const dense = objectAt(document.dense ?? {}, 'dense');
  const steps = stepsOf(document.steps, dense);
  const given = new GatheredEvents();
  for (const [name, list] of Object.entries(events))
    readEvents(list, `input["${name}"]`, inputNode(graph, name), steps, given);
  for (const [name, list] of Object.entries(dense))
    readDense(list, `dense["${name}"]`, inputNode(graph, name), steps, given);
  return { steps, events: given.inOrder(), teach: readTeaching(document.teach, steps) };
}

/** Takes an array of rows as the input of the model's only Input node. */
export function inputFromDense({ steps, size, values }: DenseSteps, graph: ResolvedGraph): SimulationInput {
  const inputs = graph.nodes.map((node, index) => ({ node, index })).filter(({ node }) => node.kind.role === 'input');
  if (inputs.length !== 1) {
    const names = inputs.map(({ node }) => `"${node.name}"`).join(', ');
    fail('array input', `does not say which of the Inputs ${names} it is for`, 'the JSON form, with "dense" by node');
  }
  const [{ node, index }] = inputs as [{ node: ResolvedNode; index: number }];
  if (size !== elementCount(node.shape)) {
    fail(
      'array input',
      `has ${size} values per step`,
      `${elementCount(node.shape)} for "${node.name}" of shape ${formatShape(node.shape)}`,
    );
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(`array input[${Math.floor(bad / size)}][${bad % size}]`, `is ${values[bad]}`, 'a finite number');
  const events = new EventBuffer(values.reduce((count, value) => count + Number(value !== 0), 0));
  for (const [k, value] of values.entries()) {
    if (value !== 0) events.push(Math.floor(k / size), index, k % size, value);
  }
  return { steps, events, teach: [] };
}

function checkDt(dt: unknown, expected: number): void {
  if (dt === undefined) return;
  if (typeof dt === 'number' && Math.abs(dt - expected) <= 1e-9 * expected) return;
  fail('dt', `is ${JSON.stringify(dt)}`, `${expected}, the model's`);
}

function stepsOf(declared: unknown, dense: Readonly<Record<string, unknown>>): number {
  if (declared !== undefined) return wholeAt(declared, 'steps', 0, 2 ** 31 - 1);
  const lengths = Object.entries(dense).map(([name, rows]) => listAt(rows, `dense["${name}"]`).length);
  return lengths.length > 0 ? Math.max(...lengths) : fail('steps', 'is missing', 'the number of steps');
}

function inputNode(graph: ResolvedGraph, name: string): { node: number; size: number } {
  const index = graph.nodes.findIndex((node) => node.name === name);
  const node = graph.nodes[index];
  if (node?.kind.role !== 'input') {
    const known = graph.nodes.filter(({ kind }) => kind.role === 'input').map((input) => input.name);
    const problem = node === undefined ? 'is not in the graph' : `is a ${node.kind.type}`;
    return fail(`node "${name}"`, problem, `an Input node: ${known.join(', ')}`);
  }
  return { node: index, size: elementCount(node.shape) };
}

function readEvents(
  source: unknown,
  where: string,
  { node, size }: { node: number; size: number },
  steps: number,
  given: GatheredEvents,
): void {
  listAt(source, where).forEach((event, k) => {
    const at = `${where}[${k}]`;
    const fields = listAt(event, at);
    if (fields.length < 2 || fields.length > 3)
      fail(at, `has ${fields.length} values`, '[step, index] or [step, index, value]');
    const step = wholeAt(fields[0], `${at} step`, 0, steps - 1);
    const index = wholeAt(fields[1], `${at} index`, 0, size - 1);
    given.push(step, node, index, fields.length === 3 ? numberAt(fields[2], `${at} value`) : 1);
  });
}

function readDense(
  source: unknown,
  where: string,
  { node, size }: { node: number; size: number },
  steps: number,
  given: GatheredEvents,
): void {
  const list = listAt(source, where);
  if (list.length > steps) fail(where, `has ${list.length} rows`, `at most ${steps}, the number of steps`);
  list.forEach((row, step) => {
    const values = listAt(row, `${where}[${step}]`);
    if (values.length !== size) fail(`${where}[${step}]`, `has ${values.length} values`, String(size));
    values.forEach((value, index) => {
      const number = numberAt(value, `${where}[${step}][${index}]`);
      if (number !== 0) given.push(step, node, index, number);
    });
  });
}

function readTeaching(source: unknown, steps: number): SimulatedTeaching[] {
  const signals = Object.entries(objectAt(source ?? {}, 'teach')).flatMap(([connection, list]) => {
    const where = `teach["${connection}"]`;
    return listAt(list, where).map((entry, k): SimulatedTeaching => {
      const fields = listAt(entry, `${where}[${k}]`);
      if (fields.length !== 2) fail(`${where}[${k}]`, `has ${fields.length} values`, '[step, [one number per output]]');
      const step = wholeAt(fields[0], `${where}[${k}] step`, 0, steps - 1);
      const signal = listAt(fields[1], `${where}[${k}] signal`);
      return { step, connection, signal: signal.map((value, j) => numberAt(value, `${where}[${k}] signal[${j}]`)) };
    });
  });
  return signals.sort((a, b) => a.step - b.step);
}

function objectAt(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return fail(where, `is ${brief(value)}`, 'an object');
}

function listAt(value: unknown, where: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(where, `is ${brief(value)}`, 'a list');
}

function numberAt(value: unknown, where: string): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : fail(where, `is ${brief(value)}`, 'a finite number');
}

function wholeAt(value: unknown, where: string, lowest: number, highest: number): number {
  const fits = Number.isSafeInteger(value) && (value as number) >= lowest && (value as number) <= highest;
  return fits ? (value as number) : fail(where, `is ${brief(value)}`, `a whole number in ${lowest}…${highest}`);
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function fail(where: string, problem: string, expected: string): never {
  throw new SpikewireError('input', where, problem, expected);
}
