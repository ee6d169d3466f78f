import { parseBrokerAddress } from '../../mqtt/broker-address.ts';
import { MqttLink } from '../../mqtt/link.ts';
import type { Check } from '../check.ts';

const DEFAULT_BROKER = 'mqtt://127.0.0.1:1883';
const PATIENCE_MS = 5000;

/** Whether a broker answers, and with which version of MQTT. Its absence is bad only where a person named one. */
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
      await link.close();
      return { state: 'ok', found: `${parseBrokerAddress(url).shown} answers with MQTT ${version}` };
    } catch (problem) {
      return {
        state: mqtt === undefined ? 'note' : 'bad',
        found: (problem as Error).message,
        advice: 'start a broker (apt install mosquitto), or name another with --mqtt <url>',
      };
    }
  },
};
