import {
  candidates,
  defaultSample,
  type Graph,
  type JsonObject,
  type Model,
  numbersOf,
  type Reading,
  type Semantics,
  SpikewireError,
  type StepChoices,
} from '@spikewire/models';
import { withBackEdges } from './back-edges.ts';
import { hintNotes, type OwnMetadata, ownMetadata } from './hints.ts';
import { withoutInfinities } from './infinities.ts';
import { mapGraph, type NirNet } from './net.ts';
import type { StepRule } from './step-rule.ts';
import { stepRules, subtractingThreshold, USUAL_STEP } from './step-rules.ts';

/** NIR's own equations in the simplest step, as its paper compares platforms. */
const PLAIN: Omit<Semantics, 'dt'> = { integrate: 'euler', threshold: 'gt', reset: 'value', spikesPerStep: 'one' };
/** A time constant of more steps is likely to be in another unit. */
const MOST_STEPS = 10_000;

/**
 * The model of a net under a step rule: that of a framework by name, with parts that come before its own. Without a
 * name, what spikewire wrote into the metadata, or Euler with v > v_threshold and reset to v_reset in steps of 0.1 ms,
 * which is what NIR's paper compares; what was guessed is a note. Throws `usage` for an unknown name.
 */
export function modelUnder(net: NirNet, choices: StepChoices = {}): Reading {
  const { from, ...parts } = choices;
  const notes = [...net.notes];
  const rule = from === undefined ? undefined : ruleNamed(from);
  const own = ownMetadata(net.metadata);
  const semantics = semanticsOf(net, parts, rule, own, notes);
  const { dt } = semantics;
  const finite = withoutInfinities(net.graph, dt, notes);
  noteLongTaus(finite, dt, rule, notes);
  const subtracted = semantics.reset === 'subtract' ? subtractingThreshold(finite, notes) : finite;
  const adapted = rule === undefined ? subtracted : rule.adapt(subtracted, semantics, notes);
  if (own === undefined) noteLeaks(adapted, notes);
  const { graph, late } = withBackEdges(adapted, dt);
  if (own === undefined || rule !== undefined) {
    for (const { source, target } of late)
      notes.push(`edge "${source}"→"${target}" closes a cycle: delivers one step later`);
  }
  const model: Model = {
    graph,
    semantics,
    learning: new Map(),
    encoder: new Map(),
    decoder: new Map(),
    channels: own?.channels ?? [],
    sample: own?.sample ?? defaultSample,
    labels: own?.labels ?? [],
    provenance: own === undefined ? provenanceOf(net, from) : withRule(own.provenance, from),
    selfTests: [],
  };
  return { model, notes };
}

/** The card of a net that spikewire wrote, with the framework whose steps it has now. */
function withRule(provenance: JsonObject, from: string | undefined): JsonObject {
  return from === undefined ? provenance : { ...provenance, nir: { ...(provenance.nir as JsonObject), from } };
}

function ruleNamed(name: string): StepRule {
  const rule = stepRules.find((each) => each.name === name);
  if (rule !== undefined) return rule;
  const known = candidates(stepRules.map((each) => each.name));
  throw new SpikewireError('usage', `step rule "${name}"`, 'is not known', known);
}

function semanticsOf(
  { graph, metadata }: NirNet,
  parts: Partial<Semantics>,
  rule: StepRule | undefined,
  own: OwnMetadata | undefined,
  notes: string[],
): Semantics {
  const known: Partial<Semantics> =
    rule === undefined ? (own?.semantics ?? {}) : { ...rule.semantics, ...stepOf(rule, graph) };
  const given = Object.fromEntries(
    Object.entries(parts).filter(([, part]) => part !== undefined),
  ) as Partial<Semantics>;
  const merged: Semantics = { ...PLAIN, dt: USUAL_STEP, ...known, ...given };
  // Several spikes need a threshold that is subtracted: whoever asks for another reset asks for one spike too.
  const isOne = merged.reset === 'value' && given.spikesPerStep === undefined;
  const semantics = isOne ? { ...merged, spikesPerStep: 'one' as const } : merged;
  const keys = Object.keys(semantics) as (keyof Semantics)[];
  const guessed = keys.filter((key) => known[key] === undefined && given[key] === undefined);
  const said = (list: readonly (keyof Semantics)[]) => list.map((key) => `${key} ${semantics[key]}`).join(', ');
  if (rule === undefined && own !== undefined) {
    const taken = keys.filter((key) => given[key] === undefined);
    if (taken.length > 0) notes.push(`step rule from the metadata that spikewire wrote: ${said(taken)}`);
  } else if (guessed.length > 0) {
    notes.push(`step rule guessed, because NIR does not define it: ${said(guessed)}`);
  }
  notes.push(...hintNotes(metadata));
  return semantics;
}

function stepOf(rule: StepRule, graph: Graph): Partial<Semantics> {
  const dt = rule.dt(graph);
  return dt === undefined ? {} : { dt };
}

/** Sinabs' rule says itself what such a time constant is. */
function noteLongTaus(graph: Graph, dt: number, rule: StepRule | undefined, notes: string[]): void {
  if (rule?.name === 'sinabs') return;
  mapGraph(graph, (node, name) => {
    for (const key of ['tau', 'tau_syn', 'tau_mem']) {
      const longest = Array.from(numbersOf(node, key)?.data ?? []).reduce((a, b) => Math.max(a, b), 0);
      if (longest <= MOST_STEPS * dt) continue;
      const steps = Math.round(longest / dt);
      const advice = 'it may be in steps or ms: give dt in the same unit';
      notes.push(`node "${name}" (${node.type}).${key}: ${longest} s are ${steps} steps of ${dt} s; ${advice}`);
    }
    return node;
  });
}

/** Membranes start at v_leak here; frameworks differ, and NIR does not say. */
function noteLeaks(graph: Graph, notes: string[]): void {
  mapGraph(graph, (node, name) => {
    if (numbersOf(node, 'v_leak')?.data.some((v) => v !== 0))
      notes.push(`node "${name}" (${node.type}): starts at v_leak, which is not 0; some frameworks start at 0`);
    return node;
  });
}

function provenanceOf({ version, metadata }: NirNet, from: string | undefined): JsonObject {
  const nir = {
    ...(version === '' ? {} : { version }),
    ...(from === undefined ? {} : { from }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
  return { nir };
}
