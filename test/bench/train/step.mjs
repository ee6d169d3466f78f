import { elementCount, RandomGenerator, readParameters } from '@spikewire/models';
import { methods, netFor, onnxRuntime, planOf, trainingProgram } from '@spikewire/trainer';

export const BATCH = 128;
const CLASSES = 10;

/** The nets that are trained, as `spikewire train` would have them. */
export const nets = {
  mlp: { arch: '784-256-10', steps: 25 },
  conv: { arch: '12C5-P2-32C5-P2-10', steps: 10 },
};

/**
 * Steps of training of a net with Bernoulli spikes as input, one after the other, on so many threads. `batches` are
 * spikes [steps·batch, 784] and labels, copied in at each step; without them, a tenth of ones and drawn labels, which
 * lie where the encoders of a training would write them.
 */
export async function openTraining(net, threads, batches) {
  const plan = planFor(net);
  const program = trainingProgram(plan, BATCH);
  const executable = await onnxRuntime(threads).compile(program);
  const arrays = { ...arraysOf(program.inputs), ...executable.room };
  for (const { name, start } of plan.learned) arrays[name].set(start);
  arrays.stepSize.fill(5e-4);
  const outputs = arraysOf(program.outputs);
  const input = [...program.inputs.keys()].find((name) => name.startsWith('input/'));
  const drawn = drawnBatch(net.steps);
  if (batches === undefined) arrays[input].set(drawn.spikes);
  let taken = 0;
  return {
    async step() {
      const { spikes, labels } = batches?.[taken++ % batches.length] ?? drawn;
      if (batches !== undefined) arrays[input].set(spikes);
      arrays.targets.fill(0);
      for (const [row, label] of labels.entries()) arrays.targets[row * CLASSES + label] = 1;
      await executable.run(arrays, outputs);
      for (const name of Object.keys(outputs)) {
        const learned = name.startsWith('next/') ? name.slice('next/'.length) : undefined;
        if (learned !== undefined) [arrays[learned], outputs[name]] = [outputs[name], arrays[learned]];
      }
      return outputs.loss[0];
    },
    close: () => executable.close(),
  };
}

function planFor(net) {
  const { parameters: table } = methods.find(({ name }) => name === 'stbp');
  const classes = Array.from({ length: CLASSES }, (_, index) => String(index));
  const data = {
    name: 'rows',
    classes,
    samples: [new Float32Array(784)],
    labels: Int32Array.of(0),
    shape: [1, 28, 28],
  };
  const parts = netFor({ data, seed: 1 }, readParameters('stbp', { ...net, encoder: 'bernoulli' }, table));
  return planOf(parts.model, parts);
}

function drawnBatch(steps) {
  const random = new RandomGenerator(1, 'batch');
  const spikes = Float32Array.from({ length: steps * BATCH * 784 }, () => Number(random.nextUniform() < 0.1));
  return { spikes, labels: Array.from({ length: BATCH }, () => random.nextInteger(CLASSES)) };
}

function arraysOf(values) {
  return Object.fromEntries([...values].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]));
}

/** Milliseconds of wall and of processor time, each per repeat. */
export async function measure(repeats, run) {
  const [wall, used] = [performance.now(), process.cpuUsage()];
  for (let k = 0; k < repeats; k++) await run();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - wall) / repeats, processor: (user + system) / 1000 / repeats };
}
