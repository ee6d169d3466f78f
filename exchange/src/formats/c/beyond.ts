import { FeatureChain, limitOf, type Model } from '@spikewire/models';
import type { EncoderInC } from './encoders.ts';
import { constantArray, doubleLiteral, indented } from './text.ts';

/** An encoder with its node, and the first of its numbers in a reading. */
interface InputInC extends Pick<EncoderInC, 'channels' | 'excess'> {
  readonly index: number;
  readonly name: string;
  readonly first: number;
}

/** Whether a reading lies far beyond what the net knows (`KnownRange` of a net that was taught nothing since), in C. */
export function beyondInC(model: Model, inputs: readonly InputInC[]): string {
  const parts = inputs.map((input) => partOf(model, input));
  const limit = limitOf(parts.reduce((sum, { asked }) => sum + asked, 0));
  return `
${parts.map(({ constants }) => constants).join('')}/* Whether a reading lies far beyond what the net knows. */
static inline int net_beyond(const double *reading) {
  double sum = 0;
${indented(parts.map(({ sum }) => sum).join('') + zerosOf(model, inputs))}  return sum >= ${doubleLiteral(limit)};
}
`;
}

/** The sum over the numbers of an input, without those whose scale follows the stream. */
function partOf({ features }: Model, { index, name, first, channels, excess }: InputInC) {
  const stages = features?.get(name);
  const chain = stages && new FeatureChain(`features of "${name}"`, stages, channels);
  const follows = Array.from({ length: channels }, (_, n) => chain?.follows(n) ?? false);
  const asked = follows.filter((each) => !each).length;
  const condition = asked < channels ? `if (!follows${index}[n]) ` : '';
  return {
    asked,
    constants: asked < channels ? constantArray(`unsigned char follows${index}`, follows.map(Number).map(String)) : '',
    sum: `{
const double *x = reading + ${first};
for (int n = 0; n < ${channels}; n++) ${condition}sum += ${excess};
}
`,
  };
}

/** Zeros alone; behind features they can no longer be told. */
function zerosOf({ sample, features }: Model, inputs: readonly InputInC[]): string {
  const numbers = inputs.reduce((sum, { channels }) => sum + channels, 0);
  if (sample.zeros !== 'never' || features !== undefined || numbers < 2) return '';
  return `int zeros = 1;
for (int n = 0; n < NET_NUMBERS; n++) zeros &= reading[n] == 0;
if (zeros) return 1;
`;
}
