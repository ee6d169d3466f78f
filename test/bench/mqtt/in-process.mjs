import { setImmediate as nextTurn } from 'node:timers/promises';
import { engineNamed } from 'spikewire';
import { inProcess } from 'spikewire/executor';
import { Stream } from 'spikewire/mqtt';
import { NetPool } from 'spikewire/session';

/** Messages under way, as many as a link lets be. */
const UNDER_WAY = 64;

/**
 * Readings a second of `nets` nets that learn, from the bytes of a message to its result, without a network, in each of
 * `blocks` blocks of `milliseconds`; by the clock, and by the processor's time, which work of others hardly changes.
 */
export async function measureInProcess(model, nets, payloadOf, blocks, milliseconds) {
  const pool = new NetPool(model, inProcess(engineNamed('clocked')), { learning: true });
  const stream = new Stream(pool, { routes: { in: 'in/+', out: 'out/+' } });
  let results = 0;
  stream.attach({ publish: async () => void results++, counters: { dropped: {} } });
  const [{ handler }] = stream.subscriptions;
  let sent = 0;
  const message = () => {
    const k = sent++;
    const payload = Buffer.from(payloadOf(Math.floor(k / nets)));
    return { topic: `in/${k % nets}`, payload, qos: 1, retain: false, duplicate: false, properties: {} };
  };
  const [byClock, byProcessor] = [[], []];
  try {
    for (let block = -1; block < blocks; block++) {
      const [began, before, used] = [performance.now(), results, process.cpuUsage()];
      while (performance.now() - began < milliseconds) {
        await Promise.all(Array.from({ length: UNDER_WAY }, () => handler(message())));
        await nextTurn();
      }
      // The first block only warms up.
      if (block < 0) continue;
      const { user, system } = process.cpuUsage(used);
      byClock.push((1000 * (results - before)) / (performance.now() - began));
      byProcessor.push((1e6 * (results - before)) / (user + system));
    }
    if (results !== sent) throw new Error(`${results} results of ${sent} readings`);
    return { byClock, byProcessor };
  } finally {
    stream.close();
    await pool.close();
  }
}
