import { anomalyModel } from '@spikewire/models';
import { channelOptions, channelsOf } from './channels.ts';
import type { NewKind } from './new-kind.ts';

/** What says what is unusual about a stream of numbers. */
export const anomaly: NewKind = {
  name: 'anomaly',
  summary:
    'says what is unusual about a stream, and why: predicts the next reading, and watches its spread, drift, rate',
  options: {
    ...channelOptions,
    seed: { type: 'string', value: '<n>', doc: 'of the random neurons', default: '1' },
  },

  async make(args) {
    const seed = args.number('seed', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, whole: true })!;
    return anomalyModel({ channels: channelsOf(args, 'anomaly'), seed });
  },
};
