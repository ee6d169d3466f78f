import { SpikewireError } from '@spikewire/models';
import { loadDataSet } from '../../data/data-set.ts';
import { evaluate } from '../../data/evaluate.ts';
import { engineNamed } from '../../engine/engines.ts';
import { InProcessExecutor } from '../../executor/in-process.ts';
import type { Command } from '../command.ts';
import { loadModel } from '../model-argument.ts';

/** `spikewire eval`: how many labelled samples a model names right. */
export const command: Command = {
  name: 'eval',
  summary: 'run labelled samples through a model and count the right answers',
  positionals: [{ name: 'model', doc: 'a .spike file or its text form in JSON' }],
  options: {
    data: { type: 'string', value: '<name[:path]>', doc: 'the samples, such as csv:FILE' },
    engine: { type: 'string', value: '<name>', doc: 'how to run it', default: 'clocked' },
    limit: { type: 'string', value: '<n>', doc: 'only the first n samples' },
  },

  async run(args, console) {
    const address = args.text('data');
    if (address === undefined) throw new SpikewireError('usage', 'spikewire eval', '--data is missing', 'a data set such as csv:FILE');
    const path = args.positionals[0]!;
    const model = await loadModel(path);
    const data = await loadDataSet(address);
    const engine = engineNamed(args.text('engine')!);
    const limit = args.number('limit', { minimum: 1, whole: true });
    const started = performance.now();
    const evaluation = await evaluate(model, new InProcessExecutor(engine, model), data, {
      ...(limit === undefined ? {} : { limit }),
      signal: console.signal,
      onProgress: (done, of) => done % 64 === 0 && console.progress(`${done} of ${of} samples`),
    });
    const seconds = (performance.now() - started) / 1000;
    const { accuracy, majority, samples, spikesPerSample, synapticOpsPerSample } = evaluation;
    console.result({ ...evaluation, engine: engine.name, data: data.name, seconds }, () =>
      [
        `accuracy ${(100 * accuracy).toFixed(2)} % of ${samples} samples (the most frequent class alone: ${(100 * majority).toFixed(2)} %)`,
        `${spikesPerSample.toFixed(1)} spikes and ${synapticOpsPerSample.toFixed(0)} synaptic operations per sample`,
        `${engine.name}, ${((1e6 * seconds) / samples).toFixed(0)} µs per sample`,
      ].join('\n'),
    );
  },
};
