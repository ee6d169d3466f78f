import {
  chooseFeatures,
  classifierModel,
  type FeatureCandidate,
  FeatureChain,
  type FeatureStage,
  featureCandidates,
  type JsonObject,
  namedFeatures,
  quantize,
  SpikewireError,
} from '@spikewire/models';
import { loadRecorded } from '../../data/recorded.ts';
import { choiceLines } from '../choice-lines.ts';
import type { CommandArguments, CommandConsole } from '../command.ts';
import { channelOptions, channelsOf, partsOf } from './channels.ts';
import type { NewKind } from './new-kind.ts';

const AUTO = 'auto';
/** What a read-out takes of each half of the front; far larger ones would not even fit in an array. */
const MOST_NEURONS = 2048;

/** What names the state of a machine, once people have said a few times what it is. */
export const classifier: NewKind = {
  name: 'classifier',
  doc: 'says in which state a machine is, such as idle or running; you teach it the states with labels while it runs',
  options: {
    ...channelOptions,
    labels: {
      type: 'string',
      value: '<classes>',
      doc: 'classes (states) at the start; labels can add more while it runs',
    },
    block: {
      type: 'string',
      value: '<n>',
      doc:
        'number of samples of each channel in one reading (message), such as 1024 for vibration (default 1; then ' +
        'an answer comes after every 8 readings)',
    },
    rate: { type: 'string', value: '<Hz>', doc: 'with --block: samples of each channel per second' },
    features: {
      type: 'string',
      value: `${AUTO}|<names>`,
      doc:
        `input features, such as rms,kurtosis (names: docs/reference.md in the source code), or ${AUTO}: ` +
        'the features that best separate the classes of --data',
    },
    data: { type: 'string', value: '<file>', doc: `file of spikewire record, for --features ${AUTO}` },
    'warm-up': {
      type: 'string',
      value: '<n>',
      doc:
        'readings from which the model learns the range of its inputs; you can already teach it meanwhile ' +
        '(default: 240, which give 30 answers; with --block 30)',
    },
    neurons: {
      type: 'string',
      value: '<n>',
      doc:
        'neurons in each of the two groups of the hidden layer; more are more accurate and slower (default 400, so ' +
        '800 in all)',
    },
    bits: {
      type: 'string',
      value: '<8|4>',
      doc:
        'round the fixed weights to 8 or 4 bits (default: 32 bits): boards need this, and the file is smaller; the ' +
        'output layer that you teach is not rounded',
    },
    seed: { type: 'string', value: '<n>', doc: 'random seed', default: '1' },
  },

  async make(args, console) {
    const block = args.number('block', { minimum: 1, maximum: 65_536, whole: true }) ?? 1;
    const rate = args.number('rate', { minimum: 1e-6 });
    if (rate !== undefined && block === 1)
      throw new SpikewireError('usage', 'spikewire new --rate', 'has no effect without --block', '--block <n>');
    const features = await featuresOf(args, { block, ...(rate === undefined ? {} : { rate }) }, console);
    const bits = bitsOf(args.text('bits'));
    const model = classifierModel({
      channels: channelsOf(args, 'classifier'),
      labels: labelsOf(args.text('labels')),
      features,
      standardise: warmUpOf(args.number('warm-up', { minimum: 2, maximum: 100_000, whole: true }), features),
      neurons: args.number('neurons', { minimum: 1, maximum: MOST_NEURONS, whole: true }) ?? 400,
      seed: args.number('seed', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, whole: true })!,
    });
    return bits === undefined ? model : quantize(model, { bits });
  },
};

function bitsOf(text: string | undefined): 8 | 4 | undefined {
  if (text === undefined) return undefined;
  if (text === '8' || text === '4') return Number(text) as 8 | 4;
  throw new SpikewireError('usage', 'spikewire new classifier --bits', `is "${text}"`, '8 or 4');
}

/** Samples that so many readings complete: two at least, of which one alone has no deviation. */
function warmUpOf(readings: number | undefined, features: readonly FeatureStage[]): JsonObject {
  if (readings === undefined) return {};
  if (features.length === 0) return { warmUp: readings };
  const chain = new FeatureChain('classifier', features, FeatureChain.outputsOf('classifier', features));
  return { warmUp: Math.max(2, chain.samplesIn(readings)) };
}

function labelsOf(text: string | undefined): string[] {
  const labels = partsOf(text);
  if (labels.includes('') || new Set(labels).size < labels.length) {
    const expected = 'different names, such as idle,running';
    throw new SpikewireError('usage', 'spikewire new classifier --labels', `is "${text}"`, expected);
  }
  return labels;
}

function listOf(text: string | undefined): string[] {
  return partsOf(text).filter((word) => word !== '');
}

/** The chain that was named, the one that tells recorded readings apart, or the usual one for such readings. */
async function featuresOf(
  args: CommandArguments,
  shape: { block: number; rate?: number },
  console: Pick<CommandConsole, 'say'>,
): Promise<readonly FeatureStage[]> {
  const candidates = featureCandidates(shape);
  const asked = args.text('features');
  const data = args.text('data');
  if (asked !== AUTO && data !== undefined)
    throw new SpikewireError('usage', 'spikewire new --data', 'has no effect', `--features ${AUTO}`);
  if (asked === undefined) return candidates[0]!.stages;
  if (asked === AUTO) return chosenFor(data, candidates, args, console);
  return namedFeatures('spikewire new --features', listOf(asked), shape);
}

async function chosenFor(
  data: string | undefined,
  candidates: readonly FeatureCandidate[],
  args: CommandArguments,
  console: Pick<CommandConsole, 'say'>,
): Promise<readonly FeatureStage[]> {
  if (data === undefined) {
    throw new SpikewireError(
      'usage',
      `spikewire new --features ${AUTO}`,
      'needs recorded readings to choose features from',
      '--data <file>',
    );
  }
  const { samples, labels, classes } = await loadRecorded(data);
  const choice = chooseFeatures(candidates, {
    readings: samples,
    labels,
    classes: classes.length,
    channels: channelsOf(args, 'classifier').length,
  });
  for (const line of choiceLines(choice)) console.say(line);
  return choice.chosen.stages;
}
