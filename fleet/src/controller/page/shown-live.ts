import type { LiveMachine } from '../wire/wire.ts';

/** After so long without news, nobody can take it for the present any more. */
const SILENCE_MILLISECONDS = 5000;

/** The newest live values of machines, which go when no others come. */
export class ShownLive {
  readonly #changed: () => void;
  readonly #machines = new Map<string, { readonly values: LiveMachine; readonly until: number }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param changed called after each change of what is to be shown */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  of(machine: string): LiveMachine | undefined {
    return this.#machines.get(machine)?.values;
  }

  take(machines: readonly LiveMachine[]): void {
    const until = performance.now() + SILENCE_MILLISECONDS;
    for (const values of machines) this.#machines.set(values.machine, { values, until });
    this.#forgetOld();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#machines.clear();
  }

  #forgetOld(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    for (const [machine, { until }] of this.#machines) if (until <= now) this.#machines.delete(machine);
    const next = Math.min(...[...this.#machines.values()].map(({ until }) => until));
    if (next !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#forgetOld(), next - now);
    this.#changed();
  }
}
