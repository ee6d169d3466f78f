import { kindOf, type Model, quantize, resolveGraph, SpikewireError } from '@spikewire/models';
import { type Abilities, among, atMost, type BoardLimit, type LimitSource } from 'spikewire/accelerators';
import type { CoreRoom } from './core-description.ts';
import { type CoreMisfits, coreMisfits } from './core-image.ts';

const ROOM: LimitSource = { title: 'spikewire, core-description.ts: rooms', evidence: 'source file' };
const WHOLE: LimitSource = { title: 'spikewire, quantize', evidence: 'source file' };
const CORE: LimitSource = { title: 'spikewire, refusals.ts: operations of the core', evidence: 'source file' };

/**
 * What of a model meets the limits of the core: kinds of nodes, and the words of its memories. A float model is first
 * rounded to 8 bits, as `quantize --for` does it without samples.
 */
export function coreLimits(model: Model, room: CoreRoom, { kinds = [] }: Abilities): BoardLimit[] {
  const { nodes } = resolveGraph(model.graph, model.semantics);
  const runs = (role: string) => kinds.filter((type) => kindOf(type, type).role === role);
  const ofKinds = nodes.flatMap(({ name, kind: { type, role } }) => {
    if (role !== 'neuron' && role !== 'connection') return [];
    return [among('type of node', type, runs(role), CORE, name, 'the node')];
  });
  const misfits = ofKinds.every(({ fits }) => fits) ? misfitsOf(model, room) : undefined;
  if (misfits === undefined) return ofKinds;
  if (misfits instanceof SpikewireError) return [...ofKinds, withoutIntegers(misfits)];
  const refused = Array.from(misfits.ofNodes, ([node, problem]) => refusal(node, problem));
  const sizes =
    refused.length > 0 ? [] : misfits.sizes.map(({ what, needed, room: most }) => atMost(what, needed, most, ROOM));
  return [...ofKinds, ...refused, ...sizes];
}

function misfitsOf(model: Model, room: CoreRoom): CoreMisfits | SpikewireError {
  try {
    const integer = model.quantization === undefined ? quantize(model, { bits: 8, membraneBits: 16 }) : model;
    return coreMisfits(integer, { room });
  } catch (problem) {
    if (problem instanceof SpikewireError) return problem;
    throw problem;
  }
}

function withoutIntegers({ message }: SpikewireError): BoardLimit {
  return {
    what: 'integer form',
    needs: message,
    has: 'whole numbers',
    fits: false,
    missedBy: 'no integer form',
    source: WHOLE,
  };
}

/** A refusal says in front of its semicolon what the model has, and behind it what the core has. */
function refusal(node: string, problem: string): BoardLimit {
  const [needs, has] = problem.split('; ', 2) as [string, string | undefined];
  const [needed, most] = [needs, has].map((text) => Number(text?.match(/-?\d+/g)?.at(-1)));
  const isCounted = needed! > most! && most! > 0;
  const missedBy = isCounted ? `${Number((needed! / most!).toPrecision(3))} times` : 'not supported';
  return {
    node,
    what: 'operation',
    needs,
    has: has ?? 'not supported',
    fits: false,
    missedBy,
    source: CORE,
  };
}
