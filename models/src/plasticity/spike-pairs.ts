import type { ParameterTable, PlainParameters } from '../parameters/declaration.ts';
import type { PlasticityRule } from './rule.ts';

/** Window of pair STDP: sizes, time constants and which spikes pair. */
export const pairParameters = {
  aPlus: { doc: 'A₊, what a pair pre before post adds', form: 'number', minimum: 0 },
  aMinus: { doc: 'A₋, what a pair post before pre takes', form: 'number', minimum: 0 },
  tauPlus: { doc: 'time constant τ₊ of the pre trace', unit: 's', form: 'number', default: 0.02, above: 0 },
  tauMinus: { doc: 'time constant τ₋ of the post trace', unit: 's', form: 'number', default: 0.02, above: 0 },
  pairing: {
    doc: 'all pairs of spikes, or each spike with the nearest before it on the other side',
    form: 'word',
    words: ['all', 'nearest'],
    default: 'all',
  },
} as const satisfies ParameterTable;

/** Whether a spike adds 1 to a trace (default) or sets it to 1. */
export const traceParameter = {
  doc: 'a spike adds 1 to the trace or sets it to 1',
  form: 'word',
  words: ['add', 'set'],
  default: 'add',
} as const satisfies ParameterTable[string];

/** The traces and changes of pair STDP, which other rules build on. */
export function spikePairs({ aPlus, aMinus, tauPlus, tauMinus, pairing }: PlainParameters<typeof pairParameters>) {
  const mode = pairing === 'nearest' ? 'set' : 'add';
  return {
    traces: [
      { name: 'pre', side: 'pre', mode, tau: tauPlus },
      { name: 'post', side: 'post', mode, tau: tauMinus },
    ],
    onPre: { trace: 0, factor: () => -aMinus },
    onPost: { trace: 0, factor: () => aPlus },
  } as const satisfies PlasticityRule;
}
