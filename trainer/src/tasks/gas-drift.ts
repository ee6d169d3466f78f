import { RandomGenerator, SpikewireError, shuffled } from '@spikewire/models';
import { bytesOf, filesIn } from '../files/folder.ts';
import type { StreamSample, Trials } from '../stream-eval/class-stream.ts';
import { classTask } from './class-task.ts';

const GASES = ['ethanol', 'ethylene', 'ammonia', 'acetaldehyde', 'acetone', 'toluene'];
const FEATURES = 128;

/**
 * Six gases by 16 metal-oxide sensors that age over three years, each with 8 features (Vergara et al. 2012, UCI 224).
 * The first batch is the base, the others come in their order. Trap: the samples of a batch are sorted by class, so
 * that repeating the last label is right in 96 to 99 %; they are shuffled within the batch.
 */
export const gasDrift = classTask({
  name: 'gas-drift',
  summary: 'six gases while the sensors age; the first part is the first batch (Vergara et al. 2012)',
  data: 'gas-drift',
  labels: 0.1,
  metric: 'accuracy',
  load: loadGasDrift,
});

async function loadGasDrift(folder: string, seed: number): Promise<Trials> {
  const files = await filesIn(folder, /^batch(\d+)\.dat(?:\.gz)?$/, 'batch1.dat.gz, batch2.dat.gz, …');
  if (files.length < 2) throw new SpikewireError('file', folder, 'has one batch', 'a base and one more');
  const random = new RandomGenerator(seed, 'order within batches');
  const batches: StreamSample[][] = [];
  for (const { path, parts } of files) batches.push(shuffled(await readBatch(path, `batch ${parts[0]}`), random));
  const [base, ...rest] = batches as [StreamSample[], ...StreamSample[][]];
  const name = `batches ${files[1]!.parts[0]} to ${files.at(-1)!.parts[0]}`;
  return { classes: GASES, trials: [{ name: 'ageing', base, streams: [{ name, samples: rest.flat() }] }] };
}

/** Lines `class 1:v … 128:v`, of which some write the class as `class;concentration`. */
async function readBatch(path: string, segment: string): Promise<StreamSample[]> {
  const lines = (await bytesOf(path)).toString('utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [gas, ...cells] = line.trim().split(/\s+/) as [string, ...string[]];
    const label = Number(gas.split(';')[0]) - 1;
    const values = Float64Array.from({ length: FEATURES }, (_, k) => {
      const [key, value] = cells[k]?.split(':') ?? [];
      return Number(key) === k + 1 && value !== '' ? Number(value) : Number.NaN;
    });
    if (GASES[label] === undefined || !values.every(Number.isFinite)) {
      throw new SpikewireError('file', `${path}, line ${index + 1}`, 'is damaged', 'a class of 1 to 6 and 1:v … 128:v');
    }
    // Values span six powers of ten, on both sides of 0.
    return [{ label, values: values.map((value) => Math.sign(value) * Math.log1p(Math.abs(value))), segment }];
  });
}
