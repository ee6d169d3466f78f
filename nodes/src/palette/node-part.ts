import type { NodeRed } from '../node-red.ts';

/** What a node keeps while it runs: a name, and the class by which it is told from what other nodes call so. */
export interface Part<Kept> {
  readonly name: string;
  readonly kind: abstract new (...of: never[]) => Kept;
}

/** What the node of this id keeps; else its problem, where it has one. */
export function partOf<Kept>(RED: NodeRed, id: unknown, { name, kind }: Part<Kept>): Kept | Error | undefined {
  const node = RED.nodes.getNode(id) as Readonly<Record<string, unknown>> | null | undefined;
  const kept = node?.[name];
  return kept instanceof kind ? kept : (node?.problem as Error | undefined);
}
