import { randomUUID } from 'node:crypto';
import { type ChannelDeclaration, RandomGenerator, SpikewireError } from '@spikewire/models';
import type { readBroker } from 'spikewire/cli';
import type { SampleBlock, SensorDriver } from 'spikewire/sensors';
import { SampleInbox } from './reads/inbox.ts';
import { channelsSetting, TextSamples } from './reads/text-sample.ts';

/** Milliseconds for a connection; whoever ends the sensor may wait for it. */
const CONNECT_TIMEOUT = 3000;

/**
 * A topic of MQTT as a sensor: `mqtt://<broker>/<topic>`, a sample per message, as numbers or JSON. As whom to talk to
 * the broker is in the environment variables that `run` reads. It is for tests of a topic and for nodes; `run --in
 * <topic>` does more, at QoS 1 and for many topics. Over TLS its scheme is `mqtts`.
 */
export function mqttDriver(scheme: 'mqtt' | 'mqtts'): SensorDriver {
  return {
    scheme,
    summary: `messages of one topic of MQTT${scheme === 'mqtts' ? ', over TLS' : ''}`,
    settings: channelsSetting,
    list: async () => [],
    async open(name, settings) {
      const { address, channels } = settings;
      const { host, topic } = await placeIn(name, address, scheme);
      const { readBroker } = await import('spikewire/cli');
      const broker = await readBroker(
        { text: (option) => (option === 'mqtt' ? `${scheme}://${host}` : undefined) },
        process.env,
      );
      return {
        description: { address, name: topic, channels },
        samples: (signal) => follow(broker, topic, readerOf(channels), signal),
      };
    },
  };
}

async function placeIn(name: string, address: string, scheme: string) {
  const { isTopic } = await import('spikewire/mqtt');
  const [, host, topic] = /^\/\/([^/]+)\/(.+)$/.exec(name) ?? [];
  if (host === undefined || !isTopic(topic)) {
    throw new SpikewireError('usage', address, 'names no broker and topic', `${scheme}://localhost/shed/motor`);
  }
  if (/:.*@/.test(host)) {
    const expected = 'SPIKEWIRE_MQTT_PASSWORD or SPIKEWIRE_MQTT_PASSWORD_FILE';
    throw new SpikewireError('usage', `${scheme}:…/${topic}`, 'has a password', expected);
  }
  return { host, topic };
}

/** The samples of a topic; the link comes back by itself. */
async function* follow(
  { url, ...access }: Awaited<ReturnType<typeof readBroker>>,
  topic: string,
  read: (payload: Uint8Array) => SampleBlock,
  signal: AbortSignal,
): AsyncGenerator<SampleBlock> {
  const { MqttLink } = await import('spikewire/mqtt');
  const inbox = new SampleInbox();
  const clientId = `spikewire-sensor-${randomUUID()}`;
  const random = new RandomGenerator(1, clientId);
  const handler = ({ payload }: { payload: Uint8Array }) => void inbox.push(read(payload));
  const link = await MqttLink.connect(url, {
    ...access,
    clientId,
    random: () => random.nextUniform(),
    subscriptions: [{ filter: topic, handler, qos: 0 }],
    firstFailure: 'retry',
    connectTimeout: CONNECT_TIMEOUT,
    sessionExpiry: 0,
    onWarning: (line) => inbox.tell(line),
  });
  try {
    yield* inbox.taken(signal);
  } finally {
    await link.close();
  }
}

/** Where there is one channel, words such as ON are numbers, too. */
function readerOf(channels: readonly ChannelDeclaration[]): (payload: Uint8Array) => SampleBlock {
  const samples = new TextSamples(channels);
  return (payload) => {
    const text = new TextDecoder().decode(payload);
    const isBare = channels.length === 1 && !/^\s*[[{]/.test(text);
    return samples.read(isBare ? JSON.stringify([text.trim()]) : text);
  };
}
