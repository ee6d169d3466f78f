import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { signalWithin } from './signal-within.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Nobody holds the signal, as in a program that waits only for what it ends. */
function whenAborted(signal: AbortSignal): { readonly hasCome: boolean } {
  const seen = { hasCome: false };
  signal.addEventListener('abort', () => (seen.hasCome = true), { once: true });
  return seen;
}

it('a signal within a time comes after it, also where garbage was collected meanwhile', async () => {
  const never = new AbortController();
  const seen = whenAborted(signalWithin(300, never.signal));
  for (let k = 0; k < 5; k++) {
    await pause(20);
    collectGarbage();
  }
  expect(seen.hasCome).toBe(false);
  await expect.poll(() => seen.hasCome, { timeout: 5000 }).toBe(true);
});

it('a signal within a time comes with the other signal, or has come with it', async () => {
  const ending = new AbortController();
  const seen = whenAborted(signalWithin(60_000, ending.signal));
  collectGarbage();
  ending.abort();
  expect(seen.hasCome).toBe(true);
  expect(signalWithin(60_000, ending.signal).aborted).toBe(true);
});
