import { SpikewireError } from '@spikewire/models';
import type { Application, Value } from './operations/value.ts';

/** Every application that the values need, each after those it needs itself. */
export function applicationsBefore(values: Iterable<Value>): Application[] {
  const seen = new Set<Application>();
  const order: Application[] = [];
  const pending = [...values].reverse().map((value) => ({ origin: value.origin, entered: false }));
  while (pending.length > 0) {
    const top = pending.at(-1)!;
    const { origin } = top;
    if (typeof origin === 'string' || (!top.entered && seen.has(origin))) {
      pending.pop();
    } else if (top.entered) {
      order.push(origin);
      pending.pop();
    } else {
      seen.add(origin);
      top.entered = true;
      for (const input of origin.inputs.toReversed()) pending.push({ origin: input.origin, entered: false });
    }
  }
  return order;
}

/** A computation that is done in one go: what it is given and what it gives, by name. */
export interface Program {
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: ReadonlyMap<string, Value>;
  /** Every application, each after those it needs. */
  readonly applications: readonly Application[];
}

/** The program that computes `outputs`. Throws `graph` where two different inputs have one name. */
export function programOf(outputs: Readonly<Record<string, Value>>): Program {
  const applications = applicationsBefore(Object.values(outputs));
  const inputs = new Map<string, Value>();
  const values = [...Object.values(outputs), ...applications.flatMap((application) => application.inputs)];
  for (const value of values) {
    if (typeof value.origin !== 'string') continue;
    const known = inputs.get(value.origin);
    if (known !== undefined && known !== value) {
      throw new SpikewireError('graph', `input "${value.origin}"`, 'stands for two values', 'a name for each');
    }
    inputs.set(value.origin, value);
  }
  return { inputs, outputs: new Map(Object.entries(outputs)), applications };
}
