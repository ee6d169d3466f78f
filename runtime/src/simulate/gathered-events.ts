import { EventBuffer } from '@spikewire/engine/network';

const BEGINNING = 1024;

/** Events as an input names them, in any order of steps and any number, at 20 bytes each. */
export class GatheredEvents {
  #events = new EventBuffer(BEGINNING);
  #inOrder = true;

  push(step: number, node: number, index: number, value: number): void {
    const { length, capacity } = this.#events;
    if (length === capacity) this.#events = copied(this.#events, 2 * capacity);
    if (length > 0 && this.#events.step[length - 1]! > step) this.#inOrder = false;
    this.#events.push(step, node, index, value);
  }

  /** By step, and within a step as they came. */
  inOrder(): EventBuffer {
    const { step, node, index, value, length } = this.#events;
    if (this.#inOrder) return this.#events;
    const order = Uint32Array.from({ length }, (_, k) => k).sort((a, b) => step[a]! - step[b]! || a - b);
    const events = new EventBuffer(length);
    for (const k of order) events.push(step[k]!, node[k]!, index[k]!, value[k]!);
    return events;
  }
}

function copied({ step, node, index, value, length }: EventBuffer, capacity: number): EventBuffer {
  const copy = new EventBuffer(capacity);
  copy.step.set(step);
  copy.node.set(node);
  copy.index.set(index);
  copy.value.set(value);
  copy.length = length;
  return copy;
}
