import { expect, it } from 'vitest';
import { OverloadWatch } from './overload.ts';

/**
 * Looks, one a second, at an inbox where so many messages a second are done: for `-` none waits, for `~` some do and at
 * times none, for `#` there are always some, for `@` as many as the broker may send ahead.
 */
function looks(load: string, rate = 100, watch = new OverloadWatch()): (string | undefined)[] {
  let [drained, crowded] = [0, 0];
  return Array.from(load, (each, k) => {
    const inbox = each === '-' ? 0 : 7;
    if (each !== '#' && each !== '@') drained++;
    if (each === '@' || each === '~') crowded++;
    return watch.look({ received: 1000 + rate * k + inbox, inbox, drained, crowded });
  });
}

it('says overload with the rate that is done, once, when there is always one that waits in five looks', () => {
  const lines = looks(`--${'#'.repeat(20)}`, 4321);
  expect(lines.flatMap((line, k) => (line === undefined ? [] : [k]))).toEqual([6]);
  expect(lines[6]).toBe(
    'overload: more messages arrive than this device can process (it processes 4321 a second); the broker queues the ' +
      'others, and drops what does not fit into its queue (not counted, because this broker does not report them); ' +
      'with --qos 0 excess readings are dropped and counted here',
  );
});

it('says of QoS 1 that drops are counted where the broker tells', () => {
  const watch = new OverloadWatch();
  const lines = Array.from({ length: 8 }, (_, k) =>
    watch.look({ received: 100 * k + 7, inbox: k > 0 ? 7 : 0, drained: 0, crowded: 0 }, 0),
  );
  expect(lines.flatMap((line) => line ?? [])).toEqual([expect.stringContaining('(counted as brokerDropped); ')]);
});

it('says it at the first look where the broker had to wait all the time, and of QoS 0 that drops are counted', () => {
  const lines = looks('--@@@@', 50, new OverloadWatch(0));
  expect(lines.flatMap((line) => line ?? [])).toEqual([
    'overload: more messages arrive than this device can process (it processes 50 a second); ' +
      'excess readings are dropped and counted',
  ]);
  expect(lines[2]).toBeDefined();
});

it.each(['-####-####~####-', '~~~~~~~~~~~~', '------------'])('says nothing of %s', (load) => {
  expect(looks(load).every((line) => line === undefined)).toBe(true);
});

it('says nothing of messages that wait for something else, while none is done', () => {
  expect(looks('-##########', 0).every((line) => line === undefined)).toBe(true);
});

it('says when it keeps up again, and the next overload', () => {
  const said = looks('-######~~#~~~~~-######').flatMap((line) => line ?? []);
  expect(said).toEqual([
    expect.stringContaining('overload: '),
    'this device keeps up with the readings again',
    expect.stringContaining('overload: '),
  ]);
});
