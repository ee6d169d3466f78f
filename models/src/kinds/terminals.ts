import type { InputKind, OutputKind } from '../graph/kind.ts';

const shape = { doc: 'shape of one step, without batch or time', form: 'integers', minimum: 1 } as const;

/** Where values enter (NIR `Input`): a spike is the value 1, a graded event carries a number. */
export const input: InputKind = { type: 'Input', role: 'input', parameters: { shape } };

/** Where values leave (NIR `Output`): the sum of what arrives in a step. */
export const output: OutputKind = {
  type: 'Output',
  role: 'output',
  parameters: { shape: { ...shape, optional: true } },
};
