import type { CommandArguments } from '../command.ts';
import type { NewKind } from './new-kind.ts';

/** Channels of a reading that a page can show. */
const MOST_CHANNELS = 256;

/** What says what is unusual about a stream of numbers. */
export const anomaly: NewKind = {
  name: 'anomaly',
  summary:
    'says what is unusual about a stream, and why: predicts the next reading, and watches its spread, drift, rate',
  options: {
    channels: { type: 'string', value: '<names>', doc: 'what a reading holds, such as temperature,humidity' },
    unit: { type: 'string', value: '<units>', doc: 'one for all channels, or one for each, such as °C,%' },
    seed: { type: 'string', value: '<n>', doc: 'of the random neurons', default: '1' },
  },

  async make(args) {
    const { anomalyModel } = await import('@spikewire/models');
    const seed = args.number('seed', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, whole: true })!;
    return anomalyModel({ channels: await channelsOf(args), seed });
  },
};

async function channelsOf(args: CommandArguments) {
  const { SpikewireError } = await import('@spikewire/models');
  const names = list(args.text('channels'));
  if (names.length === 0 || names.length > MOST_CHANNELS || names.includes('') || new Set(names).size < names.length) {
    const problem = names.length === 0 ? 'is missing' : `is "${args.text('channels')}"`;
    const expected = `1…${MOST_CHANNELS} different names, such as temperature,humidity`;
    throw new SpikewireError('usage', 'spikewire new anomaly --channels', problem, expected);
  }
  const units = list(args.text('unit'));
  if (units.length > 1 && units.length !== names.length) {
    const problem = `has ${units.length} units for ${names.length} channels`;
    throw new SpikewireError('usage', 'spikewire new anomaly --unit', problem, 'one for all, or one for each');
  }
  return names.map((name, k) => ({ name, unit: units[units.length > 1 ? k : 0] ?? '' }));
}

function list(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').map((part) => part.trim());
}
