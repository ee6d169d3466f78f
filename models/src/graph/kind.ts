import type { ParameterTable } from '../parameters/declaration.ts';

/** What all kinds of nodes have. */
export interface KindBase {
  /** The name in graphs and files; NIR's name where NIR has the primitive. */
  readonly type: string;
  readonly parameters: ParameterTable;
}

/**
 * What a kind is tried with by whatever is true of all kinds: parameters and semantics of its own, as a model has them.
 */
export type NodeExample = Readonly<Record<string, unknown>>;

/** Where values enter the net. */
export interface InputKind extends KindBase {
  readonly role: 'input';
}

/** Where values leave the net: what arrives in a step is what is emitted. */
export interface OutputKind extends KindBase {
  readonly role: 'output';
}
