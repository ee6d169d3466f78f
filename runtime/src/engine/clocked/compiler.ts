import type { Wiring } from '@spikewire/models';
import { connect } from './connect/connect.ts';
import { Draft } from './draft.ts';
import type { NumberForm } from './number-form.ts';
import { populate } from './populations/populate.ts';
import type { Program } from './program.ts';
import { reserve, takeInputs } from './reserve.ts';

/**
 * Compiles a graph: every node gets its place in memory, and a step becomes a list of instructions in the order of the
 * nodes. A connection that leads to one population without a delay adds straight to that population's accumulator; any
 * other first sums for itself and hands on a list of its own.
 */
export function compileProgram(wiring: Wiring, form: NumberForm, learned: ReadonlySet<number>): Program {
  const draft = new Draft(wiring, form, learned);
  const places = [...wiring.graph.nodes.keys()];
  for (const place of places) reserve(draft, place);
  const window = takeInputs(draft);
  for (const place of places) if (!draft.structure.isLate(place)) visit(draft, place);
  for (const place of places) if (draft.structure.isLate(place)) visit(draft, place);
  return draft.finish(window);
}

function visit(draft: Draft, place: number): void {
  const { kind } = draft.structure.node(place);
  if (kind.role === 'connection') connect(draft, place);
  else if (kind.role === 'neuron') populate(draft, place, kind);
}
