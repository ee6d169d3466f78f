import { anomalyModel, besidePrediction, monitorKindOf, SpikewireError } from '@spikewire/models';
import type { CommandArguments } from '../command.ts';
import { channelOptions, channelsOf, partsOf } from './channels.ts';
import type { NewKind } from './new-kind.ts';

/** What says what is unusual about a stream of numbers. */
export const anomaly: NewKind = {
  name: 'anomaly',
  doc:
    'says which readings are unusual, and why; it predicts the next reading, and watches spread, drift, rate and ' +
    'more',
  options: {
    ...channelOptions,
    monitors: {
      type: 'string',
      value: '<types>',
      doc:
        'which further monitors to use, listed below (default: all); next-reading, the error of the prediction, is ' +
        'always on',
    },
    'warm-up': {
      type: 'string',
      value: '<n>',
      doc:
        'readings from which the model learns what is usual; until then it gives an alarm only for a value far ' +
        'outside all earlier ones (default 400)',
    },
    seed: { type: 'string', value: '<n>', doc: 'random seed', default: '1' },
  },
  listing: async () => ({
    title: 'Monitors of anomaly',
    rows: besidePrediction.map((type) => [type, monitorKindOf(type, 'monitor').about ?? ''] as const),
  }),

  async make(args) {
    const seed = args.number('seed', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, whole: true })!;
    return anomalyModel({ channels: channelsOf(args, 'anomaly'), beside: besideOf(args), seed, ...warmUpOf(args) });
  },
};

/** From what hardly says anything to more than a day of one each second. */
const WARM_UP = { minimum: 20, maximum: 100_000, whole: true };

function warmUpOf(args: CommandArguments) {
  const warmUp = args.number('warm-up', WARM_UP);
  return warmUp === undefined ? {} : { warmUp };
}

function besideOf(args: CommandArguments): readonly string[] {
  const text = args.text('monitors');
  if (text === undefined) return besidePrediction;
  const types = partsOf(text);
  const isSet = new Set(types).size === types.length;
  if (isSet && types.every((type) => besidePrediction.includes(type))) return types;
  const unknown = types.find((type) => !besidePrediction.includes(type));
  const problem = unknown === undefined ? `names one twice: "${text}"` : `"${unknown}" is not a monitor`;
  throw new SpikewireError('usage', 'spikewire new anomaly --monitors', problem, besidePrediction.join(', '));
}
