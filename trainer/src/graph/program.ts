import { SpikewireError } from '@spikewire/models';
import { applicationsBefore } from './order.ts';
import type { Application, Value } from './value.ts';

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
