import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MqttInbox } from './inbox.ts';

/** An inbox, what its handlers were given, and what it acknowledged. */
function rig({ concurrent = 2, count = 2, bytes = 1000 } = {}) {
  const begun: number[] = [];
  const acknowledged: number[] = [];
  const errors: unknown[] = [];
  const pending = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  const inbox = new MqttInbox({
    concurrent,
    capacity: { count, bytes },
    onHandlerError: (error) => errors.push(error),
    onDone: () => {},
  });
  const handle = (identifier: number) => () => {
    begun.push(identifier);
    return new Promise<void>((resolve, reject) => pending.set(identifier, { resolve, reject }));
  };
  const receive = (identifier: number, duplicate = false) =>
    inbox.receive(identifier, duplicate, 10, handle(identifier), () => acknowledged.push(identifier));
  const settle = async (identifier: number, error?: Error) => {
    const { resolve, reject } = pending.get(identifier)!;
    if (error) reject(error);
    else resolve();
    await new Promise((done) => setImmediate(done));
  };
  return { inbox, receive, settle, handle, begun, acknowledged, errors, pending };
}

describe('MqttInbox', () => {
  it('acknowledges in order of arrival, whatever the order in which handlers finish', async () => {
    const { receive, settle, acknowledged } = rig({ concurrent: 3 });
    for (const identifier of [1, 2, 3]) receive(identifier);
    await settle(3);
    await settle(2);
    expect(acknowledged).toEqual([]);
    await settle(1);
    expect(acknowledged).toEqual([1, 2, 3]);
  });

  it('starts no more handlers than allowed, and lets the others wait within bounds', async () => {
    const { inbox, receive, settle, begun, acknowledged } = rig({ concurrent: 2, count: 2 });
    for (const identifier of [1, 2, 3, 4, 5]) receive(identifier);
    expect(begun).toEqual([1, 2]);
    expect(inbox).toMatchObject({ size: 4, received: 4, deferred: 1, leftBehind: true });
    for (const identifier of [1, 2, 3, 4]) await settle(identifier);
    expect(begun).toEqual([1, 2, 3, 4]);
    expect(acknowledged).toEqual([1, 2, 3, 4]);
    inbox.disconnected();
    expect(inbox.leftBehind).toBe(false);
  });

  it('lets no message overtake one that was left with the broker', async () => {
    const { inbox, receive, settle, begun } = rig({ concurrent: 1, count: 1 });
    for (const identifier of [1, 2, 3]) receive(identifier);
    await settle(1);
    receive(4);
    await settle(2);
    expect(inbox).toMatchObject({ size: 0, deferred: 2 });
    inbox.disconnected();
    inbox.connected(true);
    for (const identifier of [3, 4]) receive(identifier, true);
    await settle(3);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('drops and counts what does not fit at QoS 0', () => {
    const { inbox, handle } = rig({ concurrent: 1, count: 1 });
    for (const i of [1, 2, 3]) inbox.receive(undefined, false, 10, handle(i), () => {});
    expect(inbox).toMatchObject({ received: 2, dropped: 1, deferred: 0, leftBehind: false });
  });

  it('counts a handler that fails, at once or later, and acknowledges its message', async () => {
    const { inbox, receive, settle, acknowledged, errors } = rig();
    const broken = new Error('broken');
    inbox.receive(
      1,
      false,
      10,
      () => Promise.reject(broken),
      () => acknowledged.push(1),
    );
    inbox.receive(
      2,
      false,
      10,
      () => {
        throw broken;
      },
      () => acknowledged.push(2),
    );
    receive(3);
    await settle(3, broken);
    expect(acknowledged).toEqual([1, 2, 3]);
    expect(inbox.failed).toBe(3);
    expect(errors).toEqual([broken, broken, broken]);
  });

  it('does not acknowledge over a connection on which the message did not come', async () => {
    const { inbox, receive, settle, acknowledged } = rig();
    receive(1);
    inbox.disconnected();
    inbox.connected(true);
    await settle(1);
    expect(acknowledged).toEqual([]);
    receive(1, true);
    expect(acknowledged).toEqual([1]);
  });

  it('takes up a message that is sent again while its handler runs', async () => {
    const { inbox, receive, settle, begun, acknowledged } = rig();
    receive(1);
    inbox.disconnected();
    inbox.connected(true);
    receive(1, true);
    expect(begun).toEqual([1]);
    await settle(1);
    expect(acknowledged).toEqual([1]);
  });

  it('handles a message anew when the session is a new one, or its identifier may be', async () => {
    const newSession = rig();
    newSession.receive(1);
    newSession.inbox.disconnected();
    newSession.inbox.connected(false);
    newSession.receive(1, true);
    expect(newSession.begun).toEqual([1, 1]);

    const reused = rig({ concurrent: 5 });
    reused.receive(1);
    reused.inbox.disconnected();
    reused.inbox.connected(true);
    reused.receive(2);
    reused.receive(1, true);
    expect(reused.begun).toEqual([1, 2, 1]);
  });

  it('takes nothing after it was stopped', () => {
    const { inbox, receive, begun, acknowledged } = rig();
    inbox.stop();
    receive(1);
    expect([begun, acknowledged, inbox.received]).toEqual([[], [], 0]);
  });

  it('never acknowledges before the handler is done, never twice on a connection, and loses none (any interleaving)', async () => {
    const step = fc.constantFrom('receive', 'settle', 'break');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, concurrent) => {
        const { inbox, receive, settle, acknowledged, pending } = rig({ concurrent, count: 3 });
        const done = new Set<number>();
        const atBroker: number[] = [];
        let next = 1;
        const acknowledge = () => {
          for (const identifier of acknowledged.splice(0)) {
            expect(done.has(identifier)).toBe(true);
            expect(atBroker).toContain(identifier);
            atBroker.splice(atBroker.indexOf(identifier), 1);
          }
        };
        const settleFirst = async () => {
          const identifier = [...pending.keys()].find((key) => !done.has(key));
          if (identifier === undefined) return false;
          done.add(identifier);
          await settle(identifier);
          acknowledge();
          return true;
        };
        const renew = () => {
          inbox.disconnected();
          inbox.connected(true);
          for (const identifier of [...atBroker]) receive(identifier, true);
          acknowledge();
        };
        for (const kind of steps) {
          if (kind === 'receive') {
            atBroker.push(next);
            receive(next++);
          } else if (kind === 'settle') await settleFirst();
          else renew();
          acknowledge();
        }
        for (let round = 0; atBroker.length > 0 && round < 100; round++) {
          while (await settleFirst());
          renew();
        }
        expect(atBroker).toEqual([]);
        expect(done.size).toBe(next - 1);
      }),
      { numRuns: 200 },
    );
  });
});

describe('an inbox with messages for newcomers', () => {
  /** An inbox in which a key is known once a message for it was handled; what begun has is `<key> <number>`. */
  function rig({ concurrent = 2, count = 10_000, ahead = Number.POSITIVE_INFINITY } = {}) {
    const known = new Set<string>();
    const begun: string[] = [];
    const refused: string[] = [];
    const acknowledged: number[] = [];
    const pending: (() => void)[] = [];
    let next = 1;
    const inbox = new MqttInbox({
      concurrent,
      capacity: { count, bytes: 1e6 },
      onHandlerError: (error) => expect.unreachable(String(error)),
      onDone: () => {},
    });
    inbox.connected(false, ahead);
    const receive = (key: string, qos = 1) => {
      const number = next++;
      const handle = () => {
        begun.push(`${key} ${number}`);
        return new Promise<void>((resolve) =>
          pending.push(() => {
            known.add(key);
            resolve();
          }),
        );
      };
      const turn = {
        key,
        isNewcomer: () => !known.has(key),
        refuse: async () => void refused.push(`${key} ${number}`),
      };
      const identifier = qos === 1 ? number : undefined;
      return inbox.receive(identifier, false, 10, handle, () => acknowledged.push(number), turn);
    };
    /** Ends a handler that is under way; the first where none is named. */
    const settle = async (index = 0) => {
      pending.splice(index, 1)[0]?.();
      await new Promise((done) => setImmediate(done));
    };
    return { inbox, receive, settle, known, begun, refused, acknowledged, pending };
  }

  it('handles a known one behind 1,000 of them at once, and them one after another', async () => {
    const { inbox, receive, settle, known, begun, acknowledged } = rig();
    known.add('known');
    for (let k = 1; k <= 1000; k++) receive(`new${k}`);
    receive('known');
    expect(begun).toEqual(['new1 1', 'known 1001']);
    await settle(1);
    expect(acknowledged).toEqual([]);
    while (inbox.size > 0) await settle();
    expect(begun.slice(2)).toEqual(Array.from({ length: 999 }, (_, k) => `new${k + 2} ${k + 2}`));
    expect(acknowledged).toEqual(Array.from({ length: 1001 }, (_, k) => k + 1));
  });

  it('begins with none as long as a message for a known one waits', async () => {
    const { receive, settle, known, begun } = rig({ concurrent: 1 });
    known.add('known');
    for (const key of ['known', 'known', 'new', 'known']) receive(key);
    for (let k = 0; k < 3; k++) await settle();
    expect(begun).toEqual(['known 1', 'known 2', 'known 4', 'new 3']);
  });

  it('refuses what has waited until half of what the broker sends ahead came after it', async () => {
    const [ahead, count] = [20, 300];
    const { inbox, receive, settle, known, begun, refused, acknowledged, pending } = rig({ ahead });
    known.add('known');
    let admissions = 0;
    let sent = 0;
    while (acknowledged.length < count) {
      while (sent < count && sent - acknowledged.length < ahead) receive(++sent % 10 === 0 ? 'known' : `new${sent}`);
      while (pending.length > 1) await settle(pending.length - 1);
      await settle();
      admissions++;
    }
    expect(admissions).toBeLessThan(count / (ahead / 2) + ahead);
    expect(begun.filter((each) => each.startsWith('known'))).toHaveLength(count / 10);
    expect(begun.length + refused.length).toBe(count);
    expect(inbox.refused).toBe(refused.length);
  });

  it('refuses at QoS 1, and drops and counts at QoS 0, what there is no room for', () => {
    const { inbox, receive, known, refused } = rig({ count: 4 });
    known.add('known');
    for (let k = 1; k <= 5; k++) receive(`new${k}`);
    expect([receive('new6', 0), receive('known', 0)]).toEqual([true, false]);
    expect(refused).toEqual(['new4 4', 'new5 5']);
    expect(inbox).toMatchObject({ dropped: 1, refused: 2, deferred: 0 });
  });

  it('keeps the order of each key, acknowledges in order, and handles or refuses each once (any interleaving)', async () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3)), { maxLength: 60 });
    const settings = fc.record({ concurrent: fc.integer({ min: 1, max: 3 }), ahead: fc.constantFrom(4, 1e9) });
    await fc.assert(
      fc.asyncProperty(steps, settings, fc.constantFrom(6, 1000), async (steps, { concurrent, ahead }, count) => {
        const { inbox, receive, settle, known, begun, refused, acknowledged } = rig({ concurrent, ahead, count });
        known.add('a');
        for (const step of steps) {
          if (typeof step === 'string') receive(step);
          else await settle(step);
        }
        for (let k = 0; inbox.size > 0 && k < 1000; k++) await settle();
        const received = steps.filter((step) => typeof step === 'string');
        const { deferred } = inbox;
        expect(acknowledged.toSorted((one, other) => one - other)).toEqual(acknowledged);
        expect(acknowledged.length + deferred).toBe(received.length);
        expect(begun.length + refused.length + deferred).toBe(received.length);
        for (const key of ['a', 'b', 'c', 'd']) {
          const numbers = begun.filter((each) => each.startsWith(key)).map((each) => Number(each.slice(2)));
          expect(numbers.toSorted((one, other) => one - other)).toEqual(numbers);
        }
      }),
      { numRuns: 300 },
    );
  });
});
