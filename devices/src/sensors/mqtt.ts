import { randomUUID } from 'node:crypto';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { type SampleBlock, type SensorDriver, SensorSettings } from 'spikewire/sensors';
import { SampleInbox } from './reads/inbox.ts';
import { TextSamples } from './reads/text-sample.ts';

/**
 * A topic of MQTT as a sensor: `mqtt://<broker>/<topic>`, a sample per message, as numbers or JSON. It is for tests of
 * a topic and for nodes; `run --in <topic>` does more, at QoS 1 and for many topics.
 */
export const mqttDriver: SensorDriver = {
  scheme: 'mqtt',
  summary: 'messages of one topic of MQTT',
  settings: { channels: 'names and units of its numbers, as temperature:°C,humidity:%' },
  list: async () => [],
  async open(name, settings = new SensorSettings(`mqtt:${name}`)) {
    const { address, channels } = settings;
    const [, broker, topic] = /^\/\/([^/]+)\/(.+)$/.exec(name) ?? [];
    if (broker === undefined || topic === undefined || /[+#]/.test(topic)) {
      throw new SpikewireError('usage', address, 'names no broker and topic', 'mqtt://localhost/shed/motor');
    }
    return {
      description: { address, name: topic, channels },
      async *samples(signal): AsyncGenerator<SampleBlock> {
        const [inbox, samples] = [new SampleInbox(), new TextSamples(channels)];
        const handler = async ({ payload }: { payload: Uint8Array }) => {
          inbox.push(samples.read(new TextDecoder().decode(payload)));
        };
        const { MqttLink } = await import('spikewire/mqtt');
        const clientId = `spikewire-sensor-${randomUUID()}`;
        const random = new RandomGenerator(1, clientId);
        const link = await MqttLink.connect(`mqtt://${broker}`, {
          clientId,
          random: () => random.nextUniform(),
          subscriptions: [{ filter: topic, handler, qos: 0 }],
        });
        try {
          yield* inbox.taken(signal);
        } finally {
          await link.close();
        }
      },
    };
  },
};
