import { type KeptState, kept, real, whole } from '@spikewire/models';

/** State variables of neurons as they are saved: real numbers, and steps for which neurons rest still. */
export function keptVariables(state: Readonly<Record<string, Float64Array>>): KeptState {
  const variables = Object.entries(state);
  return Object.fromEntries(
    variables.map(([name, values]) => [name, kept(values, name === 'refractory' ? whole() : real())]),
  );
}
