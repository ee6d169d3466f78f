import { SpikewireError } from '@spikewire/models';
import type { SampleBlock, SensorDriver } from 'spikewire/sensors';
import { SampleInbox } from './reads/inbox.ts';
import { channelsSetting, TextSamples } from './reads/text-sample.ts';

const TOKEN = 'SPIKEWIRE_SENSOR_TOKEN';

/**
 * Readings that are pushed by HTTP: `http://127.0.0.1:8090/shed` listens there, and takes a POST with one document of
 * JSON, or with a sample per line as numbers or JSON: all of them, or none where one is wrong. Beyond this machine it
 * listens only where the environment variable SPIKEWIRE_SENSOR_TOKEN has a token of 16 characters or more that senders
 * show as `Authorization: Bearer`.
 */
export const httpDriver: SensorDriver = {
  scheme: 'http',
  summary: 'samples that others push by HTTP',
  settings: channelsSetting,
  list: async () => [],
  async open(name, settings) {
    const { address, channels } = settings;
    const [, shown, port, path = '/'] = /^\/\/(\[[^\]]+\]|[^:/@]+):(\d+)(\/.*)?$/.exec(name) ?? [];
    if (shown === undefined || Number(port) > 65_535) {
      throw new SpikewireError('usage', address, 'does not say where to listen', 'http://127.0.0.1:8090/shed');
    }
    const host = shown.replace(/^\[|\]$/g, '');
    const token = process.env[TOKEN] || undefined;
    // Loaded by those only who listen.
    const [{ isLoopback }, { SharedSecret }] = await Promise.all([
      import('spikewire/dashboard'),
      import('spikewire/desk'),
    ]);
    if (token !== undefined) new SharedSecret(token, TOKEN); // long enough, or said before anything listens
    if (token === undefined && !isLoopback(host)) {
      throw new SpikewireError('usage', address, 'listens beyond this device', `a token in ${TOKEN}`);
    }
    return {
      description: { address, name: `POST to ${path}`, channels },
      async *samples(signal): AsyncGenerator<SampleBlock> {
        const { listenForSamples } = await import('./reads/http-listener.ts');
        const inbox = new SampleInbox();
        const close = await listenForSamples(new TextSamples(channels), inbox, {
          address,
          host,
          port: Number(port),
          path,
          token,
        });
        try {
          yield* inbox.taken(signal);
        } finally {
          await close();
        }
      },
    };
  },
};
