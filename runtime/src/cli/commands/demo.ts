import { join } from 'node:path';
import { formatSummary } from '../../demo/report.ts';
import type { Command } from '../command.ts';

/** `spikewire demo`: the whole loop on this machine, with a page to look at. */
export const command: Command = {
  name: 'demo',
  summary: 'replay eight recorded sensors over MQTT and watch nets learn them',
  options: {
    keep: { type: 'boolean', doc: 'leave the page open after the replay, until Ctrl-C' },
    seconds: { type: 'string', value: '<n>', doc: 'time for the whole replay; 0: as fast as possible', default: '45' },
    sensitivity: {
      type: 'string',
      value: '<x>',
      doc: 'flag errors above this many times their learned range (default 6)',
    },
    'hold-off': {
      type: 'string',
      value: '<n>',
      doc: 'readings after a flag in which no new episode begins (default 60)',
    },
    mqtt: { type: 'string', value: '<url>', doc: 'a broker to use instead of the embedded one' },
    store: {
      type: 'string',
      value: '<folder>',
      doc: 'where what is learned is kept',
      default: join('.spikewire', 'demo'),
    },
    fresh: { type: 'boolean', doc: 'forget what an earlier run learned' },
    port: { type: 'string', value: '<n>', doc: 'port of the page on 127.0.0.1; 0: a free one', default: '8080' },
    engine: { type: 'string', value: '<name>', doc: 'how to run the nets', default: 'clocked' },
    seed: { type: 'string', value: '<n>', doc: 'seed of everything random', default: '1' },
  },

  async run(args, console) {
    const { runDemo } = await import('../../demo/demo.ts');
    const sensitivity = args.number('sensitivity', { minimum: 0 });
    const holdOff = args.number('hold-off', { minimum: 0, whole: true });
    const mqtt = args.text('mqtt');
    await runDemo({
      ...(mqtt === undefined ? {} : { mqtt }),
      ...(sensitivity === undefined ? {} : { sensitivity }),
      ...(holdOff === undefined ? {} : { holdOff }),
      store: args.text('store')!,
      fresh: args.flag('fresh'),
      seconds: args.number('seconds', { minimum: 0 })!,
      seed: args.number('seed', { minimum: 0, whole: true })!,
      engine: args.text('engine')!,
      dashboard: { host: '127.0.0.1', port: args.number('port', { minimum: 0, maximum: 65535, whole: true })! },
      signal: console.signal,
      say: console.say,
      progress: console.progress,
      async onSummary(summary, page) {
        console.result(summary, () => formatSummary(summary));
        if (!args.flag('keep') || console.signal.aborted) return;
        console.say(`the page stays open at ${page} until Ctrl-C`);
        await new Promise<void>((resolve) => console.signal.addEventListener('abort', () => resolve(), { once: true }));
      },
    });
  },
};
