// Analogue nets in ONNX Runtime, in float32 and in 8 bits.
import { readFileSync } from 'node:fs';
import { FeatureChain, readModel, resolveGraph } from '@spikewire/models';
import { conversionSite, onnxRuntime } from '@spikewire/trainer';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadDataSet } from 'spikewire/data';
import { onnxOf } from '../shared/analogue-onnx.mjs';

const ONE_THREAD = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all' };

/** The test and learned windows of a net, as its first training divided them. */
const sets = new Map();
export async function setOf(run) {
  if (!sets.has(run)) sets.set(run, await loadDataSet(`run:${run}`));
  return sets.get(run);
}

/** A session on one thread, and how it takes a window. */
export async function openOnnx(trained, isWhole) {
  const { model, bytes } = await programOf(trained, isWhole);
  const session = await InferenceSession.create(bytes, ONE_THREAD);
  const { ready, shape } = readied(model);
  const feedOf = (window) => ({ input: new Tensor('float32', ready(window), shape) });
  return { model, bytes, session, feedOf };
}

/** A window as its features hand it to the net, in float32. */
function readied({ features, graph, semantics }) {
  const { shape } = resolveGraph(graph, semantics).nodes.find(({ kind }) => kind.role === 'input');
  const numbers = shape.reduce((product, length) => product * length, 1);
  const stages = [...features.values()][0];
  // A chain of its own for each window, as nothing of one is to reach the next.
  const ready = (window) => {
    const chain = new FeatureChain('window', stages, numbers);
    chain.take(window);
    return Float32Array.from(chain.values);
  };
  return { ready, shape: [1, ...shape] };
}

/** The program of an analogue net; in 8 bits by the largest activations of learned windows. */
async function programOf({ out, run }, isWhole) {
  const model = readModel(readFileSync(out));
  if (!isWhole) return { model, bytes: onnxOf(model) };
  const { ready } = readied(model);
  const { training } = await setOf(run);
  const { activations } = await conversionSite(model, { data: { training }, steps: 1, backend: onnxRuntime() });
  const largest = training.samples
    .slice(0, 512)
    .reduce((most, window) => Math.max(most, ...ready(window).map(Math.abs)), 0);
  const ranges = new Map([...activations].map(([layer, { positive }]) => [layer, positive.at(-1)]));
  return { model, bytes: onnxOf(model, ranges.set('in', largest)) };
}

export async function inOnnx({ out, run }, isWhole = false) {
  const { model, bytes, session, feedOf } = await openOnnx({ out, run }, isWhole);
  const { samples, labels, classes } = await setOf(run);
  let right = 0;
  for (const [k, window] of samples.entries()) {
    const { output } = await session.run(feedOf(window));
    if (model.labels[output.data.indexOf(Math.max(...output.data))] === classes[labels[k]]) right++;
  }
  await session.release();
  const count = samples.length;
  return {
    accuracy: right / count,
    samples: count,
    spikesPerSample: 0,
    synapticOpsPerSample: productsOf(model),
    out,
    run,
    bytes: bytes.length,
  };
}

/** Multiplications of a pass: each weight times its places. */
function productsOf({ graph, semantics }) {
  return resolveGraph(graph, semantics).nodes.reduce((sum, { kind, node, shape }) => {
    if (kind.type === 'Affine') return sum + node.parameters.weight.data.length;
    if (kind.type === 'Conv1d') return sum + node.parameters.weight.data.length * shape[1];
    return sum;
  }, 0);
}
