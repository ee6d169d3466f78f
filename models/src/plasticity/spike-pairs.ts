import type { ParameterTable } from '../graph/parameter.ts';

/** Window of pair STDP: sizes, time constants and which spikes pair. */
export const pairParameters = {
  aPlus: { doc: 'A₊, what a pair pre before post adds', form: 'elements', minimum: 0 },
  aMinus: { doc: 'A₋, what a pair post before pre takes', form: 'elements', minimum: 0 },
  tauPlus: { doc: 'time constant τ₊ of the pre trace', unit: 's', form: 'elements', default: 0.02, above: 0 },
  tauMinus: { doc: 'time constant τ₋ of the post trace', unit: 's', form: 'elements', default: 0.02, above: 0 },
  pairing: {
    doc: 'all pairs of spikes (default), or each spike with the nearest before it on the other side',
    form: 'text',
    words: ['all', 'nearest'],
    optional: true,
  },
} as const satisfies ParameterTable;

/** Whether a spike adds 1 to a trace (default) or sets it to 1. */
export const traceParameter = {
  doc: 'a spike adds 1 to the trace (default) or sets it to 1',
  form: 'text',
  words: ['add', 'set'],
  optional: true,
} as const satisfies ParameterTable[string];

export function traceMode(word: number | string | undefined): 'add' | 'set' {
  return word === 'set' || word === 'nearest' ? 'set' : 'add';
}
