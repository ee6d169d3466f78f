import { interpret } from '../graph/interpret.ts';
import type { Backend } from './backend.ts';

/** The formulas as they stand, in float64: for checks on small nets, where no library is wanted. */
export const interpreter: Backend = {
  name: 'interpreter',
  async compile(program) {
    return {
      async run(inputs, outputs) {
        for (const [name, values] of interpret(program, new Map(Object.entries(inputs)))) outputs[name]?.set(values);
      },
      close: async () => {},
    };
  },
  compileParts: (program, count) => Promise.all(Array.from({ length: count }, () => interpreter.compile(program))),
};
