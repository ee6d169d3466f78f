import type { Application, Value } from './value.ts';

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
