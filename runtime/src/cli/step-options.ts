import { type ReadingChoices, type Semantics, SpikewireError } from '@spikewire/models';
import type { CommandArguments, OptionDeclaration } from './command.ts';

/** What the parts of a step may be. */
const WORDS = {
  integrate: ['euler', 'exact'],
  threshold: ['gt', 'ge'],
  reset: ['value', 'subtract'],
  'spikes-per-step': ['one', 'many'],
} as const;

const GROUP = 'Step rules, if the format does not define them';

const part = (words: readonly string[], doc: string): OptionDeclaration => ({
  type: 'string',
  value: words.join('|'),
  doc,
  group: GROUP,
});

/** How a file is read whose format does not say how a step is computed. */
export const stepOptions = {
  from: {
    type: 'string',
    value: '<framework>',
    doc: 'use the step rules of this framework, listed below',
    group: GROUP,
  },
  dt: { type: 'string', value: '<seconds>', doc: 'length of a step', group: GROUP },
  integrate: part(WORDS.integrate, 'forward Euler, or the exact solution'),
  threshold: part(
    WORDS.threshold,
    'gt: a neuron spikes if its membrane is above the threshold; ge: also if it is equal',
  ),
  reset: part(WORDS.reset, 'a spike sets the membrane to a value, or subtracts the threshold from it'),
  'spikes-per-step': part(WORDS['spikes-per-step'], 'how many spikes a neuron can send in one step'),
  repair: {
    type: 'boolean',
    doc: 'if an edge names a node that does not exist, connect it to the only population without an edge',
    group: GROUP,
  },
} as const satisfies Readonly<Record<string, OptionDeclaration>>;

/** What the options choose; each part comes before that of the framework. */
export function stepChoices(args: CommandArguments, command: string): ReadingChoices {
  const word = (name: keyof typeof WORDS) => {
    const given = args.text(name);
    const allowed: readonly string[] = WORDS[name];
    if (given === undefined || allowed.includes(given)) return given;
    throw new SpikewireError('usage', `spikewire ${command} --${name}`, `is "${given}"`, allowed.join(' or '));
  };
  const parts = {
    dt: args.number('dt', { minimum: Number.MIN_VALUE }),
    integrate: word('integrate'),
    threshold: word('threshold'),
    reset: word('reset'),
    spikesPerStep: word('spikes-per-step'),
  };
  const given = Object.entries(parts).filter(([, each]) => each !== undefined);
  const step = { from: args.text('from'), ...(Object.fromEntries(given) as Partial<Semantics>) };
  return { step, repair: args.flag('repair') };
}
