import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedQueue, type OverflowPolicy, type QueueCapacity, type Queued } from './bounded-queue.ts';

type Action =
  | { kind: 'offer'; bytes: number }
  | { kind: 'take' }
  | { kind: 'hold' }
  | { kind: 'restore' }
  | { kind: 'release'; pick: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('offer' as const), bytes: fc.nat(12) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('take' as const, 'hold' as const, 'restore' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), pick: fc.nat(20) }) },
);

/** The same, as plainly as it can be said: two lists of [value, bytes]. */
class Model {
  waiting: [number, number][] = [];
  held: [number, number][] = [];
  readonly capacity: QueueCapacity;
  readonly policy: OverflowPolicy;

  constructor(capacity: QueueCapacity, policy: OverflowPolicy) {
    this.capacity = capacity;
    this.policy = policy;
  }

  get bytes(): number {
    return [...this.waiting, ...this.held].reduce((sum, [, bytes]) => sum + bytes, 0);
  }

  fits(bytes: number, waiting = this.waiting): boolean {
    const all = [...waiting, ...this.held];
    return all.length < this.capacity.count && all.reduce((sum, [, b]) => sum + b, bytes) <= this.capacity.bytes;
  }

  offer(value: number, bytes: number): number[] {
    const first = this.policy === 'drop-oldest' ? Array.from({ length: this.waiting.length + 1 }, (_, i) => i) : [0];
    const drop = first.find((count) => this.fits(bytes, this.waiting.slice(count)));
    if (drop === undefined) return [value];
    const out = this.waiting.splice(0, drop);
    this.waiting.push([value, bytes]);
    return out.map(([lost]) => lost);
  }
}

describe('BoundedQueue', () => {
  it('behaves like two plain lists under every policy', () => {
    fc.assert(
      fc.property(
        fc.record({ count: fc.integer({ min: 1, max: 6 }), bytes: fc.nat(30) }),
        fc.constantFrom<OverflowPolicy>('drop-oldest', 'drop-newest', 'refuse'),
        fc.array(action, { maxLength: 60 }),
        (capacity, policy, actions) => {
          const queue = new BoundedQueue<number>(capacity, policy);
          const model = new Model(capacity, policy);
          const held: Queued<number>[] = [];
          let lost = 0;
          actions.forEach((step, value) => {
            if (step.kind === 'offer') {
              const out = model.offer(value, step.bytes);
              lost += out.length;
              expect(queue.offer(value, step.bytes)).toEqual(out);
            } else if (step.kind === 'take') {
              expect(queue.take()?.value).toBe(model.waiting.shift()?.[0]);
            } else if (step.kind === 'hold') {
              const entry = model.waiting.shift();
              const queued = queue.hold();
              expect(queued?.value).toBe(entry?.[0]);
              if (queued) held.push(queued);
              if (entry) model.held.push(entry);
            } else if (step.kind === 'restore') {
              queue.restore();
              model.waiting.unshift(...model.held.splice(0));
              held.length = 0;
            } else if (held.length > 0) {
              const index = step.pick % held.length;
              const [queued] = held.splice(index, 1);
              model.held.splice(index, 1);
              expect(queue.release(queued!)).toBe(true);
              expect(queue.release(queued!)).toBe(false);
            }
            expect(queue.waiting).toBe(model.waiting.length);
            expect(queue.held).toBe(model.held.length);
            expect(queue.bytes).toBe(model.bytes);
            expect(queue.bytes).toBeLessThanOrEqual(capacity.bytes);
            expect(queue.size).toBeLessThanOrEqual(capacity.count);
            expect([queue.dropped, queue.refused]).toEqual(policy === 'refuse' ? [0, lost] : [lost, 0]);
          });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps order over many more values than it ever holds', () => {
    const queue = new BoundedQueue<number>({ count: 3000, bytes: Number.POSITIVE_INFINITY }, 'refuse');
    let next = 0;
    for (let value = 0; value < 50_000; value++) {
      expect(queue.offer(value, 1)).toEqual([]);
      if (value >= 2500) expect(queue.take()?.value).toBe(next++);
    }
    expect(queue.waiting).toBe(2500);
  });

  it('does not empty itself for a value that could not fit even so', () => {
    const queue = new BoundedQueue<string>({ count: 10, bytes: 10 }, 'drop-oldest');
    queue.offer('a', 4);
    queue.offer('b', 4);
    expect(queue.offer('too large', 11)).toEqual(['too large']);
    queue.hold();
    expect(queue.offer('large', 7)).toEqual(['large']);
    expect(queue.offer('c', 6)).toEqual(['b']);
    expect(queue.dropped).toBe(3);
  });
});
