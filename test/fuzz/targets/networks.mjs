import { parseModel, SpikewireError } from '@spikewire/models';
import { EventBuffer, engines, runSelfTests } from 'spikewire';
import { texts } from '../corpus.mjs';
import { mutate, pick } from '../mutations.mjs';
import { mutateTree } from '../tree-mutations.mjs';

/** Tables of flow take a second to make; the other engines a millisecond. */
const QUICK = engines.filter(({ name }) => name !== 'event-tables');
/** Work that a case may ask for, so that a million of them come to an end. */
const MOST_BYTES = 4e6;

/**
 * Models with changes in their structure; what is accepted runs for a few windows on one of the engines, learns, is
 * saved, restored and reset. A net that was restored must go on as the one that was saved, bit for bit.
 */
export const networks = {
  name: 'networks',
  create: () => (random) => {
    const model = parseModel(mutateTree(pick(random, texts), random), { budget: { bytes: MOST_BYTES } });
    const engine = random.nextInteger(500) === 0 ? pick(random, engines) : pick(random, QUICK);
    exercise(engine, model, random);
    return true;
  },
};

function exercise(engine, model, random) {
  const net = engine.load(model, { seed: 1 });
  net.learning = random.nextInteger(4) > 0;
  for (let window = 0; window < 3; window++) {
    runWindow(net, random);
    for (const connection of model.learning.keys()) teach(net, connection, random);
  }
  lookAt(net);
  const saved = net.save();
  const twin = engine.load(model, { seed: 1 });
  twin.learning = net.learning;
  twin.restore(saved);
  const again = random.nextInteger(2 ** 30);
  const outputs = [net, twin].map((each) => runWindow(each, seeded(random, again)));
  if (!sameEvents(...outputs)) throw new Error(`${engine.name}: a restored net does not go on as the saved one`);
  net.resetActivity();
  net.resetLearning();
  runWindow(net, random);
  attempt(() => twin.restore(mutate(saved, random)));
  runWindow(twin, random);
  if (model.selfTests.length > 0) attempt(() => runSelfTests(model, engine));
}

function seeded(random, seed) {
  return new random.constructor(seed, 'window');
}

/** Steps of the windows: few, and the end of an early one is within reach of a delay. */
function runWindow(net, random) {
  const steps = pick(random, [1, 2, 5, 9]);
  const inputs = [...net.graph.nodes.entries()].filter(([, { kind }]) => kind.role === 'input');
  const input = new EventBuffer(64);
  for (let step = 0; step < steps; step++) {
    for (const [node, { shape }] of inputs) {
      if (random.nextInteger(3) === 0) continue;
      const size = shape.reduce((product, length) => product * length, 1);
      input.push(step, node, random.nextInteger(size), pick(random, [1, 1, 1, 1, 0.5, -2, 1e-30, 1e30, 1e300]));
    }
  }
  const output = new EventBuffer(4096);
  net.run(steps, input, output, random.nextInteger(2) === 0 ? new EventBuffer(256) : undefined);
  return output.toList();
}

function teach(net, connection, random) {
  const signal = Float64Array.from({ length: 1 + random.nextInteger(4) }, () =>
    pick(random, [0, 1, -0.5, 1e9, 1e300, Number.NaN]),
  );
  attempt(() =>
    random.nextInteger(2) === 0 ? net.teach(connection, signal) : net.teach(connection, signal, net.step - 3),
  );
}

function lookAt(net) {
  for (const { name, kind } of net.graph.nodes) {
    if (kind.role === 'neuron') attempt(() => net.readState(name, 'v'));
    if (kind.role === 'connection') attempt(() => net.readWeights(name));
  }
  if (net.graph.nodes.length > 0 && !(net.bytes > 0)) throw new Error(`takes ${net.bytes} bytes`);
}

function sameEvents(one, other) {
  return (
    ['step', 'node', 'index', 'value'].every((column) =>
      one[column].every((value, k) => Object.is(value, other[column][k]) || value === other[column][k]),
    ) && one.step.length === other.step.length
  );
}

/** A refusal in one line is as good as success. */
function attempt(task) {
  try {
    task();
  } catch (error) {
    if (!(error instanceof SpikewireError)) throw error;
  }
}
