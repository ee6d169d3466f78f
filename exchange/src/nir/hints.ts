import {
  type ChannelDeclaration,
  type JsonObject,
  type JsonValue,
  type Model,
  parseModel,
  type SamplePlan,
  type Semantics,
  SpikewireError,
} from '@spikewire/models';

/** The entry of the net's metadata that spikewire writes: what a model has beside the graph, as text. */
export const OWN = 'spikewire';

/** What spikewire wrote beside the graph. */
export interface OwnMetadata {
  readonly semantics: Partial<Semantics>;
  readonly sample: SamplePlan;
  readonly channels: readonly ChannelDeclaration[];
  readonly labels: readonly string[];
  readonly provenance: JsonObject;
}

const COMPARISONS: Readonly<Record<string, Semantics['threshold']>> = { '>': 'gt', '>=': 'ge' };

/** The keys of a step rule in metadata of nodes or nets; nothing in NIR fixes them. */
const KEYS = ['dt', 'discretisation', 'spike', 'reset'];

/** What of a model beside the graph is in the entry. */
const BESIDE: readonly string[] = ['sample', 'channels', 'labels', 'provenance'];

/** How a step rule is written into the metadata of a net. */
export function stepMetadata({ dt, integrate, threshold, reset }: Semantics): JsonObject {
  const spike = threshold === 'gt' ? '>' : '>=';
  return { dt, discretisation: integrate, spike, reset };
}

/**
 * What spikewire wrote; undefined where somebody else did. Throws `file` where it was changed into what is no model.
 */
export function ownMetadata(metadata: JsonObject): OwnMetadata | undefined {
  const root = objectAt(metadata, '');
  const text = root?.[OWN];
  if (root === undefined || typeof text !== 'string') return undefined;
  try {
    const { dt, discretisation, spike, reset } = root as Record<string, unknown>;
    const semantics = { dt, integrate: discretisation, threshold: COMPARISONS[String(spike)], reset };
    const said = Object.entries(JSON.parse(text) as object).filter(([key]) => BESIDE.includes(key));
    const document = { nodes: {}, edges: [], semantics, ...Object.fromEntries(said) };
    const model = parseModel(document, { check: false });
    const { sample, channels, labels, provenance } = model;
    return { semantics: model.semantics, sample, channels, labels, provenance };
  } catch (cause) {
    if (!(cause instanceof SpikewireError || cause instanceof SyntaxError)) throw cause;
    throw new SpikewireError('file', `metadata.${OWN}`, cause.message, 'as spikewire wrote it', cause);
  }
}

/** What of a model goes into the entry. */
export function ownText({ sample, channels, labels, provenance }: Model): string {
  return JSON.stringify({ sample, channels, labels, provenance });
}

/** Lines about step rules that somebody else's metadata names and that are not followed. */
export function hintNotes(metadata: JsonObject): string[] {
  return Object.keys(metadata).flatMap((name) => {
    const entries = objectAt(metadata, name)!;
    if (OWN in entries) return [];
    const hints = KEYS.filter((key) => typeof entries[key] === 'string' || typeof entries[key] === 'number');
    if (hints.length === 0) return [];
    const where = name === '' ? 'the net' : `node "${name}"`;
    const said = hints.map((key) => `${key} ${JSON.stringify(entries[key])}`).join(', ');
    return [`metadata of ${where} says ${said}: ignored; --dt, --integrate, --threshold and --reset choose it`];
  });
}

function objectAt(metadata: JsonObject, key: string): JsonObject | undefined {
  const value: JsonValue | undefined = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
