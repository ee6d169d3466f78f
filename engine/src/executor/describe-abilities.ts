import type { Abilities } from './abilities.ts';

/** For people, one line: `64 neurons, any synapses; fan-in: 32; bits of weights: 8; states hold: what was learned`. */
export function describeAbilities(abilities: Abilities): string {
  const { neurons = 'any', synapses = 'any', populations, fanIn, fanOut, longestDelay, late = 0 } = abilities;
  const { nets, weightBits, membraneBits, kinds, rules, states, tolerance } = abilities;
  const limits: readonly (readonly [what: string, limit: number | string | undefined])[] = [
    ['nets at a time:', nets],
    ['populations:', populations],
    ['fan-in:', fanIn],
    ['fan-out:', fanOut],
    ['longest delay in steps:', longestDelay],
    ['bits of weights:', weightBits.join(' or ')],
    ['bits of membranes:', membraneBits?.join(' or ')],
    ['kinds:', kinds?.join(' ')],
    ['rules:', rules && (rules.join(' ') || 'none')],
    ['states hold:', states === 'learned' ? 'what was learned' : undefined],
    ['steps late:', late || undefined],
    ['errors of membranes and spikes:', tolerance && `${percent(tolerance.membrane)}, ${percent(tolerance.spikes)}`],
  ];
  const said = limits.filter(([, limit]) => limit !== undefined).map((words) => words.join(' '));
  return [`${neurons} neurons, ${synapses} synapses`, ...said].join('; ');
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
