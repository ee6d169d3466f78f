import { SpikewireError } from '@spikewire/models';
import { beforeEach, describe, expect, it } from 'vitest';
import { CheckpointPolicy } from './checkpoint-policy.ts';

const MINUTE = 60e3;
const HOUR = 60 * MINUTE;

describe('the checkpoint policy', () => {
  let now: number;
  let policy: CheckpointPolicy;

  beforeEach(() => {
    now = 5 * HOUR + 20 * MINUTE;
    policy = new CheckpointPolicy({ minimumIntervalSeconds: 600, clock: () => now });
  });

  it('saves nothing while nothing changed, not even when asked to', () => {
    now += HOUR;
    policy.flush();
    expect(policy.isDue()).toBe(false);
    expect(policy.millisecondsUntilDue()).toBeUndefined();
  });

  it('waits for the interval, from the last attempt', () => {
    policy.changed();
    expect(policy.millisecondsUntilDue()).toBe(10 * MINUTE);
    now += 10 * MINUTE - 1;
    expect(policy.isDue()).toBe(false);
    now += 1;
    expect(policy.isDue()).toBe(true);
    policy.begin();
    policy.succeeded();
    policy.changed();
    expect(policy.millisecondsUntilDue()).toBe(10 * MINUTE);
  });

  it('does not wait when asked to flush, once', () => {
    policy.changed();
    policy.flush();
    expect(policy.millisecondsUntilDue()).toBe(0);
    policy.begin();
    policy.succeeded();
    policy.changed();
    expect(policy.isDue()).toBe(false);
  });

  it('starts no second save during one, and keeps what changes meanwhile for the next', () => {
    policy.changed();
    policy.begin();
    policy.changed();
    policy.flush();
    expect(policy.isDue()).toBe(false);
    policy.succeeded();
    expect(policy.isDue()).toBe(true);
  });

  it('tries a failed save again after the interval', () => {
    policy.changed();
    policy.begin();
    policy.failed();
    expect(policy.millisecondsUntilDue()).toBe(10 * MINUTE);
    now += 10 * MINUTE;
    expect(policy.isDue()).toBe(true);
    expect([policy.saves, policy.failures]).toEqual([0, 1]);
  });

  it('comes back to a save that was held back when it may be done, sooner or later than the interval', () => {
    for (const wait of [MINUTE, HOUR]) {
      policy.changed();
      policy.begin();
      policy.heldBack(wait);
      expect(policy.millisecondsUntilDue()).toBe(wait);
    }
    expect([policy.saves, policy.failures]).toEqual([0, 0]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses an interval of %s', (minimumIntervalSeconds) => {
    expect(() => new CheckpointPolicy({ minimumIntervalSeconds })).toThrow(SpikewireError);
  });
});
