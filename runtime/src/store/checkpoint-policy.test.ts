import { SpikewireError } from '@spikewire/models';
import { beforeEach, describe, expect, it } from 'vitest';
import { CheckpointPolicy } from './checkpoint-policy.ts';

const MINUTE = 60e3;
const HOUR = 60 * MINUTE;

describe('the checkpoint policy', () => {
  let now: number;
  let policy: CheckpointPolicy;
  const save = (bytes: number) => {
    policy.changed();
    policy.begin();
    policy.succeeded(bytes);
  };

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
    policy.succeeded(100);
    policy.changed();
    expect(policy.millisecondsUntilDue()).toBe(10 * MINUTE);
  });

  it('does not wait when asked to flush, once', () => {
    policy.changed();
    policy.flush();
    expect(policy.millisecondsUntilDue()).toBe(0);
    policy.begin();
    policy.succeeded(100);
    policy.changed();
    expect(policy.isDue()).toBe(false);
  });

  it('starts no second save during one, and keeps what changes meanwhile for the next', () => {
    policy.changed();
    policy.begin();
    policy.changed();
    policy.flush();
    expect(policy.isDue()).toBe(false);
    policy.succeeded(100);
    expect(policy.isDue()).toBe(true);
  });

  it('tries a failed save again after the interval', () => {
    policy.changed();
    policy.begin();
    policy.failed(40);
    expect(policy.millisecondsUntilDue()).toBe(10 * MINUTE);
    now += 10 * MINUTE;
    expect(policy.isDue()).toBe(true);
    expect([policy.saves, policy.failures, policy.totalBytes]).toEqual([0, 1, 40]);
  });

  it('counts the bytes of a day of 256 KB every ten minutes: 37 MB', () => {
    for (let minute = 0; minute < 3 * 24 * 60; minute++) {
      now += MINUTE;
      policy.changed();
      if (!policy.isDue()) continue;
      policy.begin();
      policy.succeeded(256 * 1024);
    }
    expect(policy.saves).toBe(3 * 144);
    expect(policy.totalBytes).toBe(3 * 144 * 256 * 1024);
    expect(Math.abs(policy.bytesInLastDay - 37.75e6)).toBeLessThan(6 * 256 * 1024); // to the hour
  });

  it('forgets hours that are a day old, also after a long silence', () => {
    save(1000);
    now += 23 * HOUR;
    save(10);
    expect(policy.bytesInLastDay).toBe(1010);
    now += HOUR;
    expect(policy.bytesInLastDay).toBe(10);
    now += 1000 * HOUR;
    expect(policy.bytesInLastDay).toBe(0);
    expect(policy.totalBytes).toBe(1010);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses an interval of %s', (minimumIntervalSeconds) => {
    expect(() => new CheckpointPolicy({ minimumIntervalSeconds })).toThrow(SpikewireError);
  });
});
