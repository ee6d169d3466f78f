import { type Graph, type GraphNode, type Model, resolveGraph, type SelfTest, type Tensor } from '@spikewire/models';
import { clockedEngine } from '../clocked/engine/clocked.ts';
import type { Engine } from '../engine.ts';
import type { CalibrationWindow } from '../engines/calibration.ts';
import { integerEngine } from '../reference/integer.ts';
import { referenceEngine } from '../reference/reference.ts';
import { type Answer, differenceOf, toleranceOf } from './difference.ts';
import { answerOf, inputOf, rowsOf } from './vector.ts';

/** Thresholds may be off by this share without a change of the answer: far more than float32 rounds. */
const MARGIN = 1e-5;

/**
 * Self-test vectors for a model: of the windows, in their order, the first `count` with an answer, each with what the
 * readable engine of the model's numbers answers from a fresh start. In a float model a window is passed over where a
 * membrane comes so close to its threshold that float32 might decide otherwise.
 */
export function recordSelfTests(model: Model, windows: Iterable<CalibrationWindow>, count: number): SelfTest[] {
  const isFloat = model.quantization === undefined;
  const answer = answering(model, isFloat ? referenceEngine : integerEngine);
  const near = (isFloat ? [1 - MARGIN, 1 + MARGIN] : []).map((factor) =>
    answering({ ...model, graph: withThresholds(model.graph, factor) }, referenceEngine),
  );
  const others = [answering(model, clockedEngine), ...near];
  const inputs = inputNodes(model);
  const tests: SelfTest[] = [];
  for (const { steps, input } of windows) {
    if (tests.length === count) break;
    const given = answer(steps, input);
    const agrees = (other: typeof answer) => differenceOf(given, other(steps, input), toleranceOf(model)) === undefined;
    if (!isSilent(given) && others.every(agrees)) tests.push({ steps, input: rowsOf(input, inputs), ...given });
  }
  return tests;
}

/** The inputs of a model's vectors as windows, to record them anew for another form of it. */
export function* windowsOfSelfTests(model: Model): Iterable<CalibrationWindow> {
  const graph = resolveGraph(model.graph, model.semantics);
  for (const test of model.selfTests) yield { steps: test.steps, input: inputOf(test, graph) };
}

function answering(model: Model, engine: Engine) {
  const network = engine.load(model);
  network.learning = false;
  const readOuts = network.graph.nodes.flatMap(({ name, kind }) =>
    kind.role === 'neuron' && kind.emits === 'state' ? [name] : [],
  );
  return (steps: number, input: CalibrationWindow['input']): Answer => {
    const { membranes, ...events } = answerOf(network, steps, input, readOuts);
    return readOuts.length === 0 ? events : { ...events, membranes: membranes! };
  };
}

/** No event, and all membranes at nothing. */
function isSilent({ output, membranes = new Map<string, Tensor>() }: Answer): boolean {
  const isNothing = ({ data }: Tensor) => data.every((value) => value === 0);
  return [...output.values()].every(({ data }) => data.length === 0) && [...membranes.values()].every(isNothing);
}

function inputNodes({ graph, semantics }: Model) {
  const { nodes } = resolveGraph(graph, semantics);
  return [...nodes.entries()].flatMap(([index, { kind, name }]) =>
    kind.role === 'input' ? [[index, name] as const] : [],
  );
}

/** The graph with every threshold times a factor. */
function withThresholds({ nodes, edges }: Graph, factor: number): Graph {
  const scale = (node: GraphNode): GraphNode => {
    if (node.graph !== undefined) return { ...node, graph: withThresholds(node.graph, factor) };
    const { v_threshold: threshold } = node.parameters;
    if (threshold === undefined || typeof threshold === 'string') return node;
    const data = Float64Array.from(threshold.data, (value) => factor * value);
    return { ...node, parameters: { ...node.parameters, v_threshold: { shape: threshold.shape, data } } };
  };
  return { nodes: new Map([...nodes].map(([name, node]) => [name, scale(node)])), edges };
}
