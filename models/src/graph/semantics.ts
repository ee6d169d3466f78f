import { SpikewireError } from '../error.ts';

/**
 * The choices in which frameworks differ; part of every model. The same graph scores 95 % with one set and 49 % with
 * another, so an engine never guesses.
 */
export interface Semantics {
  /** Length of a step in seconds, > 0. */
  readonly dt: number;
  /**
   * `euler`: v += dt/τ·(v_leak − v + R·I). `exact`: the exponential solution for constant input. `rk4`: nonlinear
   * models.
   */
  readonly integrate: 'euler' | 'exact' | 'rk4';
  /** A spike where v > θ (`gt`) or v ≥ θ (`ge`). */
  readonly threshold: 'gt' | 'ge';
  /** v ← v_reset (`value`) or v ← v − (θ − v_reset) (`subtract`). */
  readonly reset: 'value' | 'subtract';
  /** Spikes a neuron may emit in one step; `many` only with `subtract`. */
  readonly spikesPerStep: 'one' | 'many';
}

export const defaultSemantics: Semantics = {
  dt: 0.001,
  integrate: 'euler',
  threshold: 'gt',
  reset: 'value',
  spikesPerStep: 'one',
};

const choices = {
  integrate: ['euler', 'exact', 'rk4'],
  threshold: ['gt', 'ge'],
  reset: ['value', 'subtract'],
  spikesPerStep: ['one', 'many'],
} as const;

/** Reads the `semantics` object of a model or a node; unknown keys and values are errors of code `graph`. */
export function parseSemantics(source: unknown, where: string): Partial<Semantics> {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new SpikewireError('graph', where, 'is not an object', 'an object such as {"dt": 0.001}');
  }
  for (const [key, value] of Object.entries(source)) checkChoice(key, value, `${where}.${key}`);
  return source as Partial<Semantics>;
}

function checkChoice(key: string, value: unknown, where: string): void {
  if (key === 'dt') {
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return;
    throw new SpikewireError('graph', where, `is ${JSON.stringify(value)}`, 'a positive number of seconds');
  }
  if (!Object.hasOwn(choices, key)) {
    throw new SpikewireError('graph', where, 'is not a key of semantics', `dt, ${Object.keys(choices).join(', ')}`);
  }
  const allowed: readonly string[] = choices[key as keyof typeof choices];
  if (typeof value !== 'string' || !allowed.includes(value)) {
    throw new SpikewireError('graph', where, `is ${JSON.stringify(value)}`, allowed.join(' or '));
  }
}

/** A node's own choices over the model's, checked as a whole. */
export function mergeSemantics(model: Semantics, own: Partial<Semantics> | undefined, where: string): Semantics {
  const merged = { ...model, ...own };
  if (merged.dt !== model.dt) {
    throw new SpikewireError(
      'graph',
      where,
      `dt is ${merged.dt}`,
      `${model.dt}, the dt of the model: all nodes share one step`,
    );
  }
  if (merged.spikesPerStep === 'many' && merged.reset !== 'subtract') {
    throw new SpikewireError('graph', where, 'spikesPerStep "many" with reset "value"', 'reset "subtract"');
  }
  return merged;
}
