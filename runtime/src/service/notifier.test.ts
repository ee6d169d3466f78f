import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Notifier, type WatchedReadings } from './notifier.ts';

const UNDER_SYSTEMD = {
  NOTIFY_SOCKET: '/run/systemd/notify',
  WATCHDOG_USEC: '180000000',
  WATCHDOG_PID: `${process.pid}`,
};
const readingsOf = (readings: Record<string, WatchedReadings>) => new Map(Object.entries(readings));
const service = { readings: readingsOf({}), status: '1 net' };
let sent: string[];
let warnings: string[];

beforeEach(() => {
  vi.useFakeTimers();
  [sent, warnings] = [[], []];
  service.readings = readingsOf({ '': { given: 0, done: 0 } });
});
afterEach(() => void vi.useRealTimers());

const notifier = (environment: NodeJS.ProcessEnv = UNDER_SYSTEMD) =>
  Notifier.of(
    environment,
    (line) => void warnings.push(line),
    async (words) => void sent.push(words.join(' ')),
  );
/** What is sent while minutes pass. */
async function during(minutes: number): Promise<string[]> {
  sent = [];
  await vi.advanceTimersByTimeAsync(minutes * 60_000);
  return sent;
}

it('says that the service is ready, and every third of the time that systemd waits that it goes on', async () => {
  const told = notifier()!;
  await told.begin(service);
  expect(sent).toEqual(['--ready --status=1 net']);
  expect(await during(3)).toEqual(Array(3).fill('WATCHDOG=1 --status=1 net'));
  told.close();
  expect(await during(10)).toEqual([]);
});

it('gives no sign of life while nets are done with none of the readings that they were given', async () => {
  await notifier()!.begin(service);
  service.readings = readingsOf({ '': { given: 7, done: 2 } });
  expect(await during(1)).toEqual(['WATCHDOG=1 --status=1 net']);
  const standing = '--status=stalled: 5 readings wait for nets; systemd restarts it soon';
  expect(await during(2)).toEqual([standing, standing]);
  service.readings = readingsOf({ '': { given: 8, done: 3 } });
  expect(await during(1)).toEqual(['WATCHDOG=1 --status=1 net']);
});

it('gives none while the nets of one of several machines stand still, though others go on', async () => {
  await notifier()!.begin(service);
  const fan = { given: 4, done: 1 };
  const minute = async (done: number) => {
    service.readings = readingsOf({ pump: { given: done, done }, fan });
    return during(1);
  };
  expect(await minute(100)).toEqual(['WATCHDOG=1 --status=1 net']);
  const standing = '--status=fan stalled: 3 readings wait for nets; systemd restarts it soon';
  expect(await minute(200)).toEqual([standing]);
  fan.done = 2; // the same object, which counts on
  expect(await minute(300)).toEqual(['WATCHDOG=1 --status=1 net']);
  Object.assign(fan, { given: 1, done: 0 }); // its host was opened anew
  expect(await minute(400)).toEqual(['WATCHDOG=1 --status=1 net']);
});

it.each([
  ['no time to wait', { NOTIFY_SOCKET: '/run/systemd/notify' }],
  ['another process that is watched', { ...UNDER_SYSTEMD, WATCHDOG_PID: '1' }],
])('only says that it is ready where systemd names %s', async (_, environment) => {
  await notifier(environment)!.begin(service);
  expect(sent).toEqual(['--ready --status=1 net']);
  expect(await during(10)).toEqual([]);
});

it('is not there without a systemd that waits for it', () => {
  expect(notifier({})).toBeUndefined();
});

it('warns once where nothing can be sent, and goes on', async () => {
  const failing = () => Promise.reject(new Error('spawn systemd-notify ENOENT\nmore'));
  await Notifier.of(UNDER_SYSTEMD, (line) => void warnings.push(line), failing)!.begin(service);
  await during(5);
  expect(warnings).toEqual(['systemd-notify: spawn systemd-notify ENOENT']);
});
