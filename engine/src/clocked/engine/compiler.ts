import type { Wiring } from '@spikewire/models';
import { connect } from '../connect/connect.ts';
import { Draft } from '../draft.ts';
import type { NumberForm } from '../number-form.ts';
import { populate } from '../populations/populate.ts';
import type { Program } from '../program.ts';
import { reserve, takeInputs } from './reserve.ts';

/**
 * Compiles a graph: every node gets its place in memory, and a step becomes a list of instructions in the order of the
 * nodes. A connection that leads to one population without a delay adds straight to that population's accumulator; any
 * other first sums for itself and hands on a list of its own.
 */
export function compileProgram(wiring: Wiring, form: NumberForm, learned: ReadonlySet<number>): Program {
  const draft = new Draft(wiring, form, learned);
  const indices = [...wiring.graph.nodes.keys()];
  for (const index of indices) reserve(draft, index);
  const window = takeInputs(draft);
  for (const index of indices) if (!draft.structure.isLate(index)) visit(draft, index);
  for (const index of indices) if (draft.structure.isLate(index)) visit(draft, index);
  return draft.finish(window);
}

function visit(draft: Draft, index: number): void {
  const { kind } = draft.structure.node(index);
  if (kind.role === 'connection') connect(draft, index);
  else if (kind.role === 'neuron') populate(draft, index, kind);
}
