import { RandomGenerator, readParameters } from '@spikewire/models';
import { gradientLengthOf, LearnedArrays, methods, netFor, onnxRuntime, openStep, planOf } from '@spikewire/trainer';

export const BATCH = 128;
const [CLASSES, PIXELS] = [10, 784];
/** Under which name a step takes the spikes. */
const INPUT = 'input/in';

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
  const step = await openStep(plan, BATCH, onnxRuntime(threads));
  const parts = step.rooms.map((room, _, { length }) => partOf(net, BATCH / length, room));
  const arrays = new LearnedArrays(plan);
  const sizes = { rate: new Float32Array(1), stepSize: Float32Array.of(5e-4) };
  const lengths = plan.learned.map(({ name }) => [gradientLengthOf(name), new Float32Array(1)]);
  const outputs = { loss: new Float32Array(1), ...Object.fromEntries(lengths) };
  const drawn = drawnBatch(net.steps);
  if (batches === undefined) for (const [index, part] of parts.entries()) setSpikes(part, index, drawn.spikes);
  let taken = 0;
  return {
    async step() {
      const { spikes, labels } = batches?.[taken++ % batches.length] ?? drawn;
      for (const [index, part] of parts.entries()) {
        if (batches !== undefined) setSpikes(part, index, spikes);
        const { rows, inputs } = part;
        inputs.targets.fill(0);
        for (let row = 0; row < rows; row++) inputs.targets[row * CLASSES + labels[index * rows + row]] = 1;
      }
      await step.run(parts, { inputs: { ...sizes, ...arrays.current }, outputs: { ...outputs, ...arrays.next } });
      arrays.advance();
      return outputs.loss[0];
    },
    close: () => step.close(),
  };
}

/** Arrays of so many samples of a batch. */
function partOf({ steps }, rows, room) {
  const spikes = room[INPUT] ?? new Float32Array(steps * rows * PIXELS);
  const targets = new Float32Array(rows * CLASSES);
  const outputs = { losses: new Float32Array(rows), answers: new Float32Array(rows * CLASSES) };
  return { rows, inputs: { [INPUT]: spikes, targets }, outputs };
}

/** Copies a part's samples out of all steps of a batch. */
function setSpikes({ rows, inputs }, index, spikes) {
  const length = rows * PIXELS;
  for (let to = 0, from = index * length; to < inputs[INPUT].length; to += length, from += BATCH * PIXELS) {
    inputs[INPUT].set(spikes.subarray(from, from + length), to);
  }
}

function planFor(net) {
  const { parameters: table } = methods.find(({ name }) => name === 'stbp');
  const classes = Array.from({ length: CLASSES }, (_, index) => String(index));
  const data = {
    name: 'rows',
    classes,
    samples: [new Float32Array(PIXELS)],
    labels: Int32Array.of(0),
    shape: [1, 28, 28],
  };
  const parts = netFor({ data, seed: 1 }, readParameters('stbp', { ...net, encoder: 'bernoulli' }, table));
  return planOf(parts.model, parts);
}

function drawnBatch(steps) {
  const random = new RandomGenerator(1, 'batch');
  const spikes = Float32Array.from({ length: steps * BATCH * PIXELS }, () => Number(random.nextUniform() < 0.1));
  return { spikes, labels: Array.from({ length: BATCH }, () => random.nextInteger(CLASSES)) };
}

/** Milliseconds of wall and of processor time, each per repeat. */
export async function measure(repeats, run) {
  const [wall, used] = [performance.now(), process.cpuUsage()];
  for (let k = 0; k < repeats; k++) await run();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - wall) / repeats, processor: (user + system) / 1000 / repeats };
}
