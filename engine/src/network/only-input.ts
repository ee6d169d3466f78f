import { type ResolvedGraph, type ResolvedNode, SpikewireError } from '@spikewire/models';

/**
 * The only Input of a net and its number; throws `input` where there is none, or several, for `what` should go there.
 */
export function onlyInput({ nodes }: ResolvedGraph, what: string): readonly [node: number, input: ResolvedNode] {
  const [input, ...others] = [...nodes.entries()].filter(([, { kind }]) => kind.role === 'input');
  if (input !== undefined && others.length === 0) return input;
  const count = input === undefined ? 0 : 1 + others.length;
  throw new SpikewireError('input', what, `find ${count} Input nodes`, 'one');
}
