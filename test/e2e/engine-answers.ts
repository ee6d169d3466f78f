import { engineNamed } from '@spikewire/engine';
import { InputStage, OutputStage } from '@spikewire/engine/coding';
import { InProcessExecutor, type Teaching } from '@spikewire/engine/executor';
import { learnedConnections } from '@spikewire/engine/network';
import { type Model, RandomGenerator, readAnyModel, windowSteps } from '@spikewire/models';

/** Every bit of what a net gave and learned, in hex. */
export interface Answers {
  readonly decoded: readonly string[];
  readonly membranes: readonly string[];
  readonly spikes: number;
  readonly learned: Readonly<Record<string, string>>;
  /** Learned weights that are not what they were. */
  readonly changed: number;
}

/** Answers of a run; a net whose range is automatic takes readings before the first. */
const ANSWERS = 30;

/** Plays readings to a model on an engine, and teaches every connection that takes a teaching signal after each. */
export async function answersOf(bytes: Uint8Array, engine: string): Promise<Answers> {
  const model = readAnyModel(bytes);
  const net = new InProcessExecutor(engineNamed(engine), model, { seed: 1 });
  const { network } = net;
  const [input, output] = [new InputStage(model, network.graph, 1), new OutputStage(model, network.graph, 1)];
  const weights = () => weightsOf(model, net);
  const before = weights();
  const random = new RandomGenerator(7, 'readings');
  const [decoded, membranes]: [string[], string[]] = [[], []];
  let lessons: Teaching[] = [];
  while (decoded.length < ANSWERS) {
    const events = input.encode(Float64Array.from({ length: input.channels }, () => 255 * random.nextUniform()));
    if (events === undefined || !input.ready) continue;
    const result = await net.run({
      steps: windowSteps(model.sample),
      input: events,
      teach: lessons,
      membranes: output.membranes,
      fresh: model.sample.between === 'reset',
    });
    const { values } = output.decode(result);
    decoded.push(hexOf(Float64Array.from(values)));
    membranes.push(...Object.values(result.membranes).map(hexOf));
    lessons = learnedConnections(model, network.graph)
      .filter(({ signalLength }) => signalLength > 0)
      .map(({ name, signalLength }) => ({
        connection: name,
        signal: Float64Array.from({ length: signalLength }, () => 2 * random.nextUniform() - 1),
      }));
  }
  const after = weights();
  return {
    decoded,
    membranes,
    spikes: network.counters.spikes,
    learned: Object.fromEntries(Object.entries(after).map(([name, values]) => [name, hexOf(values)])),
    changed: Object.entries(after).reduce(
      (sum, [name, values]) => sum + values.filter((value, k) => value !== before[name]![k]).length,
      0,
    ),
  };
}

function weightsOf(model: Model, { network }: InProcessExecutor): Record<string, Float64Array> {
  return Object.fromEntries([...model.learning.keys()].map((name) => [name, network.readWeights(name)]));
}

function hexOf(values: Float64Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
