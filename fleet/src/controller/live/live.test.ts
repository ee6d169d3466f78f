import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Live } from './live.ts';
import type { BrokerMessage, LiveBroker } from './live-broker.ts';

const [DEVICE, OTHER] = ['a'.repeat(32), 'b'.repeat(32)] as const;
const SECOND = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class TestBroker implements LiveBroker {
  readonly followed = new Map<string, (message: BrokerMessage) => void>();
  readonly looks: string[] = [];
  isHanging = false;

  follow(device: string, take: (message: BrokerMessage) => void) {
    expect(this.followed.has(device)).toBe(false);
    this.followed.set(device, take);
    return {
      look: () => void this.looks.push(device),
      close: async () => {
        this.followed.delete(device);
        if (this.isHanging) await new Promise(() => {});
      },
    };
  }

  say(machine: string, said: unknown, { device = DEVICE, retain = false } = {}): void {
    const payload = said instanceof Uint8Array ? said : Buffer.from(JSON.stringify(said));
    this.followed.get(device)!({ topic: `spikewire/fleet/${device}/live/${machine}`, payload, retain });
  }
}

function newLive() {
  const [broker, counts] = [new TestBroker(), { taken: 0, dropped: 0, devices: 0 }];
  const live = new Live(broker, counts);
  const told: object[] = [];
  const watch = (device: string = DEVICE) =>
    live.watch(device, (machines) => void told.push(Object.fromEntries(machines)));
  return { broker, counts, live, told, watch };
}

describe('live values of a device', () => {
  it('are asked for each 5 s while somebody looks, by one subscription for all who do', async () => {
    const { broker, counts, live, told, watch } = newLive();
    const leave = [watch(), watch()];
    watch(OTHER);
    vi.advanceTimersByTime(10 * SECOND);
    expect(broker.looks.filter((device) => device === DEVICE)).toHaveLength(3);
    expect([broker.followed.size, counts.devices]).toEqual([2, 2]);
    broker.say('pump', { readings: 1, score: 0.5, anomaly: false, answer: 'on', later: 1 });
    vi.advanceTimersByTime(SECOND);
    const pump = { pump: { readings: 1, score: 0.5, anomaly: false, answer: 'on' } };
    expect(told).toEqual([pump, pump]);
    leave[0]!();
    leave[0]!(); // twice is as once
    expect(broker.followed.has(DEVICE)).toBe(true);
    leave[1]!();
    expect([...broker.followed.keys()]).toEqual([OTHER]);
    broker.looks.length = 0;
    vi.advanceTimersByTime(10 * SECOND);
    expect(broker.looks).toEqual([OTHER, OTHER]);
    await live.close();
  });

  it('are told at most twice a second, the newest of each machine', () => {
    const { broker, told, watch } = newLive();
    watch();
    for (let k = 1; k <= 100; k++) {
      broker.say('pump', { readings: k });
      vi.advanceTimersByTime(SECOND / 10);
    }
    vi.advanceTimersByTime(SECOND);
    expect(told.length).toBeLessThanOrEqual(20);
    expect(told.at(-1)).toEqual({ pump: { readings: 100 } });
  });

  it('are of at most 64 machines and 128 messages at a time, however many come', () => {
    const { broker, counts, told, watch } = newLive();
    watch();
    for (let k = 0; k < 100; k++) broker.say(`pump-${k}`, { readings: 1 });
    vi.advanceTimersByTime(SECOND);
    expect(Object.keys(told[0]!)).toHaveLength(64);
    for (let k = 0; k < 10_000; k++) broker.say('pump', { readings: k });
    vi.advanceTimersByTime(SECOND);
    expect(told[1]).toEqual({ pump: { readings: 127 } });
    expect(counts).toMatchObject({ taken: 64 + 128, dropped: 36 + 9872 });
  });

  it.for<[what: string, machine: string, said: unknown]>([
    ['too long', 'pump', { readings: 1, answer: 'x'.repeat(129) }],
    ['larger than 1 KiB', 'pump', { readings: 1, more: 'x'.repeat(1024) }],
    ['not JSON', 'pump', Buffer.from('<img src=x>')],
    ['not UTF-8', 'pump', Buffer.from([0x22, 0xff, 0x22])],
    ['without readings', 'pump', { score: 1 }],
    ['of other types', 'pump', { readings: 1, score: '<b>' }],
    ['a list', 'pump', [{ readings: 1 }]],
    ['in the name of no machine', '<img src=x>', { readings: 1 }],
    ['in the name of nobody', '', { readings: 1 }],
  ])('are dropped where they are %s', ([, machine, said]) => {
    const { broker, counts, told, watch } = newLive();
    watch();
    broker.say(machine, said);
    broker.say('kept', { readings: 1 }, { retain: true });
    vi.advanceTimersByTime(SECOND);
    expect([told, counts.dropped]).toEqual([[], 2]);
  });

  it('are bounded, whatever is said by whoever has the broker', () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 1100 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record(
          {
            readings: fc.oneof(fc.nat(), fc.anything()),
            score: fc.oneof(fc.double(), fc.anything()),
            anomaly: fc.oneof(fc.boolean(), fc.anything()),
            answer: fc.oneof(fc.string({ maxLength: 300 }), fc.double()),
          },
          { requiredKeys: [] },
        )
        .map((said) => Buffer.from(stringOf(said))),
    );
    const machine = fc.oneof(fc.stringMatching(/^[\w-]{1,70}$/), fc.string({ unit: 'binary' }));
    const messages = fc.array(fc.record({ machine, payload }), { maxLength: 50 });
    fc.assert(
      fc.property(messages, (all) => {
        const { broker, counts, told, watch } = newLive();
        watch();
        for (const { machine: name, payload: said } of all) broker.say(name, said);
        vi.advanceTimersByTime(SECOND);
        expect(counts.taken + counts.dropped).toBe(all.length);
        expect(told.length).toBeLessThanOrEqual(1);
        for (const [name, values] of Object.entries(told[0] ?? {})) {
          expect(name).toMatch(/^[\w-]{1,64}$/);
          const { readings, score = 0, anomaly = false, answer = '', ...others } = values;
          expect([typeof score, typeof anomaly, others]).toEqual(['number', 'boolean', {}]);
          expect(Number.isSafeInteger(readings) && readings >= 0).toBe(true);
          expect(typeof answer === 'number' || answer.length <= 128).toBe(true);
        }
      }),
    );
  });

  it('have room for 64 devices, with those that a broker does not let go', () => {
    const { broker, live, watch } = newLive();
    broker.isHanging = true;
    for (let k = 0; k < 64; k++) watch(`device ${k}`)();
    expect(live.hasRoomFor(DEVICE)).toBe(false);
  });
});

function stringOf(said: object): string {
  try {
    return JSON.stringify(said) ?? '';
  } catch {
    return ''; // a number that JSON does not have
  }
}
