import { DEFAULT_BROKER, parseBrokerAddress } from '../../mqtt/link/broker-address.ts';
import { MqttLink } from '../../mqtt/link/link.ts';
import type { Check } from './check.ts';
import { asRoot, type Machine, startBroker, thisMachine } from './machine.ts';

const PATIENCE_MS = 5000;
/** Messages to oneself. */
const ECHOES = 11;
/** A broker that sends small packets at once is faster on any network of a house; one that waits for company is not. */
const SLOW_MS = 20;

/** Hosts of which a person can start the broker here. */
const THIS_MACHINE = ['localhost', '127.0.0.1', '::1', '[::1]'];

/** Small packets wait for company up to 40 ms without it. */
const NO_DELAY = 'set_tcp_nodelay true';

/** How a broker of this machine is told so, or a line for the owner of another one. */
function sendingAtOnce(machine: Machine, host: string): string {
  if (!THIS_MACHINE.includes(host) || !machine.systemd || !machine.programs.has('mosquitto'))
    return `the line "${NO_DELAY}" in its mosquitto.conf`;
  const write = asRoot(machine, 'tee /etc/mosquitto/conf.d/nodelay.conf');
  return `echo '${NO_DELAY}' | ${write} && ${asRoot(machine, 'systemctl restart mosquitto')}`;
}

/** What helps where a broker does not answer, or not this user. */
export function brokerAdvice(machine: Machine, host: string, problem: string): string {
  if (/user name|authorized/.test(problem)) return 'add --mqtt-user <name> --mqtt-password-file <file>';
  if (/certificate/.test(problem)) return 'add --mqtt-ca <file>';
  const isHere = THIS_MACHINE.includes(host) && /refused|no answer/.test(problem);
  return isHere ? startBroker(machine) : `give the address of a running broker: spikewire doctor --mqtt <url>`;
}

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

/** Empty where the address is what is wrong. */
function hostOf(url: string): string {
  try {
    return parseBrokerAddress(url).host;
  } catch {
    return '';
  }
}

/** Whether a broker answers, how fast, and with which MQTT. Its absence is bad only where a person named one. */
export const broker: Check = {
  name: 'broker',
  async look({ mqtt, access }) {
    const url = mqtt ?? DEFAULT_BROKER;
    try {
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
      if (trip === undefined) return { state: 'ok', found: `${answers}, but it delivered no test message` };
      const found = `${answers}, round trip of a message: ${trip.median.toPrecision(2)} ms`;
      if (trip.least < SLOW_MS) return { state: 'ok', found };
      return { state: 'note', found, advice: sendingAtOnce(await thisMachine(), parseBrokerAddress(url).host) };
    } catch (problem) {
      const found = (problem as Error).message;
      return {
        state: mqtt === undefined ? 'note' : 'bad',
        found,
        advice: brokerAdvice(await thisMachine(), hostOf(url), found),
      };
    }
  },
};
