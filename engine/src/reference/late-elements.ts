import { kept, real, whole } from '@spikewire/models';

/**
 * The work of a connection whose elements pass late, each by its own number of steps: a ring of what arrived in the
 * steps before.
 */
export function createLateElements(delays: Int32Array) {
  const size = delays.length;
  const slots = delays.reduce((longest, steps) => Math.max(longest, steps), 0) + 1;
  const held = new Float64Array(size * slots);
  /** The slot of this step, a state like any other. */
  const head = new Float64Array(1);
  return {
    state: { held, head },
    kept: { held: kept(held, real()), head: kept(head, whole(0, slots - 1)) },
    retained: [delays, held, head],
    visit([arriving]: readonly Float64Array[], emitted: Float64Array): void {
      const slot = head[0]!;
      held.set(arriving!, slot * size);
      for (let i = 0; i < size; i++) emitted[i] = held[((slot - delays[i]! + slots) % slots) * size + i]!;
      head[0] = (slot + 1) % slots;
    },
    reset(): void {
      held.fill(0);
      head[0] = 0;
    },
  };
}
