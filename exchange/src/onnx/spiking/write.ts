import {
  elementCount,
  integerFormOf,
  type JsonValue,
  type Model,
  type ResolvedEdge,
  type ResolvedNode,
  resolveGraph,
  type Shape,
  SpikewireError,
  type WritingChoices,
  wire,
} from '@spikewire/models';
import { OnnxModelBuilder } from '../model-builder.ts';
import { STEPS_METADATA } from '../steps-metadata.ts';
import { DOUBLE, FLOAT, INT64 } from '../tensor.ts';
import { OuterNames } from './names.ts';
import { integerForm, type NetForm, realForm } from './nodes.ts';
import { Formulas, TYPES } from './step/formulas.ts';
import type { NodeStep, StateVariable } from './step/node-step.ts';

/** The first axis of inputs, outputs and states; before it the step, where there are several. */
const BATCH = 'batch';

/** More nodes make a file that ONNX Runtime opens in minutes: the time grows with their square. */
const MOST_NODES = 2 ** 15;

/**
 * One step of a net as an ONNX model, or several: (x, state) → (y, state′), in float32, or for an integer model in its
 * integer form. What it takes and gives, and how states begin, stands in its metadata (docs/guide/onnx.md). Throws
 * `unsupported`, with the node in front, for connections that learn and for what ONNX cannot say.
 */
export function writeSpikingNet(model: Model, { steps, spikes = false, note = () => {} }: WritingChoices): Uint8Array {
  refuseLearning(model);
  noteWhatIsLeft(model, note);
  const graph = resolveGraph(model.graph, model.semantics);
  const form = model.quantization === undefined ? realForm(wire(graph)) : integerForm(integerFormOf(model, graph));
  return new SpikingNetWriter(model, form, steps, spikes).write();
}

function refuseLearning({ learning, graph }: Model): void {
  const [name] = learning.keys();
  if (name === undefined) return;
  const where = `node "${name}" (${graph.nodes.get(name)?.type ?? 'in a sub-graph'})`;
  throw new SpikewireError('unsupported', where, 'learns, which ONNX does not support', 'a model without learning');
}

function noteWhatIsLeft({ encoder, decoder, features, monitors = [] }: Model, note: (line: string) => void): void {
  for (const [name, { type }] of encoder)
    note(`encoder of "${name}": ${type} is not in the file: your program gives the values of each step`);
  for (const name of features?.keys() ?? []) note(`features of "${name}": are not in the file`);
  for (const [name, { type }] of decoder)
    note(
      `decoder of "${name}": ${type} is not in the file: your program turns the outputs of the steps into an answer`,
    );
  for (const { type } of monitors) note(`monitor ${type}: is left out`);
}

/** A state variable under the names that it has outside. */
interface OuterState extends StateVariable {
  readonly node: string;
  readonly name: string;
  readonly next: string;
}

/** A node at work: its step, its state variables, and what it emitted in each step so far. */
interface Site {
  readonly node: ResolvedNode;
  readonly step: NodeStep;
  readonly states: readonly OuterState[];
  /** Values of the states before the step that comes next. */
  current: readonly string[];
  readonly emitted: string[];
  /** What it emitted before the first step, the latest first, where a delayed edge needs that. */
  readonly line: (OuterState & { readonly length: number }) | undefined;
}

class SpikingNetWriter {
  readonly #model: Model;
  readonly #form: NetForm;
  /** Undefined for a step without an axis of time. */
  readonly #steps: number | undefined;
  readonly #spikes: boolean;
  readonly #onnx = new OnnxModelBuilder();
  readonly #formulas = new Formulas(this.#onnx);
  readonly #names = new OuterNames();
  /** Names of Inputs and Outputs by index, taken first: they are the nodes' own. */
  readonly #terminals: ReadonlyMap<number, string>;
  readonly #zeros = new Map<string, string>();

  constructor(model: Model, form: NetForm, steps: number | undefined, spikes: boolean) {
    this.#model = model;
    this.#form = form;
    this.#steps = steps;
    this.#spikes = spikes;
    this.#terminals = new Map(
      form.wiring.graph.nodes.flatMap(({ name, kind }, index) =>
        kind.role === 'input' || kind.role === 'output' ? [[index, this.#names.take(name)] as const] : [],
      ),
    );
  }

  write(): Uint8Array {
    const { nodes } = this.#form.wiring.graph;
    const sites = nodes.map((_, index) => this.#siteOf(index));
    const inputs = this.#declareInputs(nodes);
    for (const { states, line } of sites) {
      for (const state of line === undefined ? states : [...states, line]) {
        this.#onnx.input(state.name, [BATCH, ...state.shape], TYPES[state.type]);
      }
    }
    for (let step = 0; step < (this.#steps ?? 1); step++) {
      for (const index of nodes.keys()) this.#visit(sites, index, step);
      this.#refuseManyNodes(step);
    }
    const outputs = this.#declareOutputs(sites);
    const states = sites.flatMap((site) => this.#declareNext(site));
    this.#describe(inputs, outputs, states);
    return this.#onnx.finish();
  }

  #siteOf(index: number): Site {
    const { graph, outgoing } = this.#form.wiring;
    const node = graph.nodes[index]!;
    const step = this.#form.step(this.#formulas, index);
    const states = step.states.map((state) => this.#outer(node, state));
    const length = Math.max(0, ...outgoing[index]!.map(({ delay }) => delay));
    const emitted: StateVariable = { variable: 'emitted', shape: [length, ...node.shape], type: 'float32', initial: 0 };
    const line = length === 0 ? undefined : { ...this.#outer(node, emitted), length };
    return { node, step, states, current: states.map(({ name }) => name), emitted: [], line };
  }

  #outer({ name }: ResolvedNode, state: StateVariable): OuterState {
    const outer = this.#names.take(`${name}.${state.variable}`);
    return { ...state, node: name, name: outer, next: this.#names.take(`${outer}.next`) };
  }

  #outerShape(shape: Shape): (number | string)[] {
    return this.#steps === undefined ? [BATCH, ...shape] : [this.#steps, BATCH, ...shape];
  }

  #declareInputs(nodes: readonly ResolvedNode[]): JsonValue[] {
    return nodes.flatMap(({ name, kind, shape }, index) => {
      if (kind.role !== 'input') return [];
      this.#onnx.input(this.#terminals.get(index)!, this.#outerShape(shape));
      return [{ name: this.#terminals.get(index)!, node: name, shape }];
    });
  }

  /** Sums what the edges bring, then writes the step of the node. */
  #visit(sites: readonly Site[], index: number, step: number): void {
    const site = sites[index]!;
    const { node } = site;
    const ports = node.kind.role === 'neuron' ? Math.max(1, node.kind.ports?.length ?? 0) : 1;
    const arriving = Array.from({ length: ports }, (_, port) => {
      const edges = this.#form.wiring.incoming[index]!.filter((edge) => edge.port === port);
      return this.#join(sites, index, edges, step);
    });
    const { emitted, next } = site.step.write(arriving, site.current);
    site.emitted.push(emitted);
    site.current = next;
  }

  /** What arrives at a port of the node at `index`: numbers from outside, and what came over the edges. */
  #join(sites: readonly Site[], index: number, edges: readonly ResolvedEdge[], step: number): string {
    const { node, step: target } = sites[index]!;
    const isOutput = node.kind.role === 'output';
    const units = edges.map(({ source }) => (isOutput ? this.#form.unit(source) : 1));
    // Real values of whole numbers are added in float64, and rounded once.
    const type = target.wholeSums === true ? INT64 : units.every((unit) => unit === 1) ? FLOAT : DOUBLE;
    const values = edges.map(({ source, delay }, k) => {
      const came = this.#emittedAt(sites[source]!, step - delay);
      const value = this.#formulas.reshape(came, sites[source]!.node.shape, node.inputShape);
      const cast = type === FLOAT ? value : this.#formulas.cast(value, type);
      return type === DOUBLE ? this.#formulas.multiply(cast, this.#onnx.double(units[k]!)) : cast;
    });
    if (node.kind.role === 'input') values.push(this.#given(index, step));
    if (values.length === 0) return this.#zero(node.inputShape, type);
    const sum = this.#formulas.sum(values);
    return type === DOUBLE ? this.#formulas.cast(sum, FLOAT) : sum;
  }

  #given(index: number, step: number): string {
    const name = this.#terminals.get(index)!;
    return this.#steps === undefined ? name : this.#formulas.element(name, step, 0);
  }

  /** What a node emitted in a step of this net, or before. */
  #emittedAt({ emitted, line }: Site, step: number): string {
    return step >= 0 ? emitted[step]! : this.#formulas.element(line!.name, -step - 1, 1);
  }

  /** What arrives where no edge leads to, for as many samples as there are. */
  #zero(shape: Shape, type: number): string {
    const key = `${type} ${shape}`;
    const known = this.#zeros.get(key);
    if (known !== undefined) return known;
    const [first] = [...this.#terminals.entries()].filter(([index]) => this.#roleOf(index) === 'input');
    const none = type === INT64 ? this.#onnx.integer(0) : this.#onnx.scalar(0);
    const axis = this.#steps === undefined ? 0 : 1;
    const batch =
      first === undefined
        ? this.#onnx.integers([1])
        : this.#onnx.emit('Shape', [first[1]], { start: axis, end: axis + 1 });
    const sizes = this.#onnx.emit('Concat', [batch, this.#onnx.integers(shape)], { axis: 0 });
    const made = this.#onnx.emit('Expand', [none, sizes]);
    this.#zeros.set(key, made);
    return made;
  }

  #roleOf(index: number): string {
    return this.#form.wiring.graph.nodes[index]!.kind.role;
  }

  #refuseManyNodes(step: number): void {
    if (this.#onnx.nodes <= MOST_NODES) return;
    const problem = `has ${this.#onnx.nodes} nodes after ${step + 1} of ${this.#steps} steps`;
    throw new SpikewireError('budget', 'ONNX model', problem, `at most ${MOST_NODES}; fewer steps at once`);
  }

  #declareOutputs(sites: readonly Site[]): JsonValue[] {
    return sites.flatMap(({ node, emitted }, index) => {
      const isOutput = node.kind.role === 'output';
      const isWanted = isOutput || (this.#spikes && node.kind.role === 'neuron' && node.kind.emits === 'spikes');
      if (!isWanted) return [];
      const name = isOutput ? this.#terminals.get(index)! : this.#names.take(`${node.name}.spikes`);
      this.#onnx.output(name, this.#overTime(emitted), this.#outerShape(node.shape));
      return [{ name, node: node.name, what: isOutput ? 'output' : 'spikes', shape: node.shape }];
    });
  }

  #overTime(values: readonly string[]): string {
    if (this.#steps === undefined) return values[0]!;
    const axes = this.#onnx.integers([0]);
    const rows = values.map((value) => this.#onnx.emit('Unsqueeze', [value, axes]));
    return this.#onnx.emit('Concat', rows, { axis: 0 });
  }

  /** Gives the states after the last step, and says what there is to say of them. */
  #declareNext({ states, current, line, emitted }: Site): JsonValue[] {
    const all = states.map((state, k) => [state, current[k]!] as const);
    if (line !== undefined) all.push([line, this.#nextLine(line, emitted)]);
    return all.map(([state, value]) => {
      const { node, variable, name, next, shape, type } = state;
      this.#onnx.output(next, value, [BATCH, ...shape], TYPES[type]);
      return { name, next, node, variable, shape, type, initial: nested(state) };
    });
  }

  /** What a delayed edge still waits for: the latest of these steps, then what is left of those before. */
  #nextLine({ name, length }: { readonly name: string; readonly length: number }, emitted: readonly string[]): string {
    const axes = this.#onnx.integers([1]);
    const latest = emitted.toReversed().slice(0, length);
    const parts = latest.map((value) => this.#onnx.emit('Unsqueeze', [value, axes]));
    if (latest.length < length) {
      const bounds = [[0], [length - latest.length], [1]].map((values) => this.#onnx.integers(values));
      parts.push(this.#onnx.emit('Slice', [name, ...bounds]));
    }
    return parts.length === 1 ? parts[0]! : this.#onnx.emit('Concat', parts, { axis: 1 });
  }

  #describe(inputs: JsonValue, outputs: JsonValue, states: JsonValue): void {
    const { semantics, sample, labels } = this.#model;
    const steps = this.#steps ?? null;
    const about = { version: 1, dt: semantics.dt, steps, sample: { ...sample }, labels, inputs, outputs, states };
    this.#onnx.describe(STEPS_METADATA, JSON.stringify(about));
  }
}

/** A start as JSON: one number for all, or nested lists in the shape of one sample. */
function nested({ initial, shape, type }: StateVariable): JsonValue {
  if (typeof initial === 'number') return initial;
  const values = Array.from(initial);
  if (values.every((value) => value === values[0])) return type === 'float32' ? Math.fround(values[0]!) : values[0]!;
  const part = (depth: number, from: number): JsonValue => {
    if (depth === shape.length) return values[from]!;
    const size = elementCount(shape.slice(depth + 1));
    return Array.from({ length: shape[depth]! }, (_, k) => part(depth + 1, from + k * size));
  };
  return part(0, 0);
}
