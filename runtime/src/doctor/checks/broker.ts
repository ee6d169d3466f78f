import { DEFAULT_BROKER, parseBrokerAddress } from '../../mqtt/broker-address.ts';
import { MqttLink } from '../../mqtt/link.ts';
import type { Check } from '../check.ts';

const PATIENCE_MS = 5000;
/** Messages to oneself. */
const ECHOES = 11;
/** A broker that sends small packets at once is faster on any network of a house; one that waits for company is not. */
const SLOW_MS = 20;

const NO_DELAY = 'set_tcp_nodelay true in mosquitto.conf: small packets wait for company up to 40 ms without it';

/** Times of messages to oneself, in milliseconds; undefined where the broker does not hand them over. */
async function roundTrip(link: MqttLink) {
  const topic = `spikewire/doctor/${process.pid}`;
  let arrived = () => {};
  const isRefused = await link
    .subscribe(topic, () => arrived())
    .then(
      () => false,
      () => true,
    );
  if (isRefused) return undefined;
  const times: number[] = [];
  for (let k = 0; k < ECHOES; k++) {
    const start = performance.now();
    const echo = new Promise<boolean>((resolve) => {
      arrived = () => resolve(true);
      setTimeout(resolve, PATIENCE_MS / ECHOES, false).unref();
    });
    void link.publish(topic, String(k));
    if (!(await echo)) return undefined;
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { least: times[0]!, median: times[ECHOES >> 1]! };
}

/** Whether a broker answers, how fast, and with which MQTT. Its absence is bad only where a person named one. */
export const broker: Check = {
  name: 'broker',
  async look({ mqtt, access }) {
    try {
      const url = mqtt ?? DEFAULT_BROKER;
      const link = await MqttLink.connect(url, {
        ...access,
        clientId: `spikewire-doctor-${process.pid}`,
        // It connects once and never backs off.
        random: () => 0,
        connectTimeout: PATIENCE_MS,
        sessionExpiry: 0,
      });
      const { version } = link;
      const trip = await roundTrip(link).finally(() => link.close());
      const answers = `${parseBrokerAddress(url).shown} answers with MQTT ${version}`;
      if (trip === undefined) return { state: 'ok', found: `${answers}; it lets no message through to measure` };
      const found = `${answers}, a message there and back in ${trip.median.toPrecision(2)} ms`;
      return trip.least < SLOW_MS ? { state: 'ok', found } : { state: 'note', found, advice: NO_DELAY };
    } catch (problem) {
      return {
        state: mqtt === undefined ? 'note' : 'bad',
        found: (problem as Error).message,
        advice: 'start a broker (apt install mosquitto), or name another with --mqtt <url>',
      };
    }
  },
};
