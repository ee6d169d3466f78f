import { describeChoice, type EngineChoice } from '@spikewire/engine/network';
import type { Evaluation } from '../../data/evaluate.ts';
import type { NumbersEvaluation } from '../../data/evaluate-numbers.ts';
import type { Command } from '../command.ts';
import { deviceListing, deviceOptions, splitOf } from '../device-option.ts';
import { memoryOf, memoryOption, modelArgument } from '../model-argument.ts';

/** `spikewire eval`: how many labelled samples a model names right. */
export const command: Command = {
  name: 'eval',
  summary: 'measure the accuracy of a classifier on labelled samples',
  group: 'Teach and measure',
  examples: ['mill.spike --data recorded:mill.jsonl'],
  positionals: [modelArgument],
  options: {
    data: {
      type: 'string',
      value: '<name[:path]>',
      doc: 'labelled samples, listed below, such as csv:FILE or recorded:FILE (required)',
    },
    ...deviceOptions,
    device: { ...deviceOptions.device, doc: `${deviceOptions.device.doc} (default auto)` },
    limit: { type: 'string', value: '<n>', doc: 'take only the first n samples' },
    memory: memoryOption,
    seed: { type: 'string', value: '<n>', doc: 'random seed', default: '1' },
  },
  listing: async () => {
    const { dataRows } = await import('../../data/data-sources.ts');
    return [{ title: 'Data', rows: await dataRows() }, await deviceListing()];
  },

  async run(args, console) {
    const address = args.needed('data', 'a data set such as csv:FILE');
    const limit = args.number('limit', { minimum: 1, whole: true });
    const seed = args.number('seed', { minimum: 0, whole: true })!;
    const [{ loadDataSet }, { evaluate }, { evaluateNumbers }, { executorSourceOf }, { inFile, openModel }] =
      await Promise.all([
        import('../../data/data-sources.ts'),
        import('../../data/evaluate.ts'),
        import('../../data/evaluate-numbers.ts'),
        import('../../executor/address.ts'),
        import('../model-argument.ts'),
      ]);
    const memory = memoryOf(args);
    const warn = (line: string) => console.warn(`warning: ${line}`);
    const device = args.text('device') ?? 'auto';
    const path = args.positionals[0]!;
    const { bytes, model } = await openModel(path, console, memory);
    const source = await executorSourceOf(device, { memory, signal: console.signal, warn, ...splitOf(args) });
    try {
      const executor = await source.open(bytes, { seed, selfTest: true }).catch((problem: unknown) => {
        throw inFile(path, problem);
      });
      const data = await loadDataSet(address);
      const started = performance.now();
      const evaluation = await (data.targets === undefined ? evaluate : evaluateNumbers)(model, executor, data, {
        seed,
        ...(limit === undefined ? {} : { limit }),
        signal: console.signal,
        onProgress: (done, of) => console.progress(`${done} of ${of} samples`),
      });
      const seconds = (performance.now() - started) / 1000;
      const { choice } = executor;
      if (choice.warning !== undefined) warn(choice.warning);
      const report = { ...evaluation, ...choice, data: data.name, seconds };
      console.result(report, () => format(report));
    } finally {
      await source.close();
    }
  },
};

function format(report: (Evaluation | NumbersEvaluation) & EngineChoice & { readonly seconds: number }): string {
  const { samples, spikesPerSample, synapticOpsPerSample, seconds } = report;
  return [
    'accuracy' in report
      ? `accuracy ${percent(report.accuracy)} of ${samples} samples ` +
        `(always the most frequent class: ${percent(report.majority)})`
      : nearness(report),
    ...('unknown' in report && report.unknown > 0
      ? [`${percent(report.unknown / samples)} of them are answered "unknown"`]
      : []),
    ...('unknown' in report && report.unanswered > 0
      ? [`${percent(report.unanswered / samples)} of them have no answer: the net was taught nothing or is warming up`]
      : []),
    `${spikesPerSample.toFixed(1)} spikes and ${synapticOpsPerSample.toFixed(0)} synaptic operations per sample`,
    `${((1e6 * seconds) / samples).toFixed(0)} µs per sample on ${describeChoice(report)}`,
  ].join('\n');
}

function nearness({ overlap, correlation, error, samples, unanswered }: NumbersEvaluation): string {
  const found = `${overlap === undefined ? '' : `overlap ${percent(overlap)}, `}correlation ${correlation.toFixed(4)}`;
  return `${found} with the targets of ${samples - unanswered} samples, error ${error.toFixed(4)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
