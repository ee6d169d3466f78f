import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { Command, CommandArguments, CommandConsole } from 'spikewire/cli';
import { formatNodeRedSummary, formatSummary } from '../report.ts';

const PAGE_PORT = 8080;
/** Of a replay; of the second scene, in which states are to last 5 to 10 s; of two updates. */
const [SECONDS, MILL_SECONDS, UPDATE_SECONDS] = [45, 150, 60];
/** Where Node-RED usually is. */
const EDITOR_PORT = 1880;

/** `spikewire demo`: the whole loop on this machine, with a page to look at. */
export const command: Command = {
  name: 'demo',
  summary: 'replay recorded readings of eight sensors over MQTT, with a live page',
  group: 'Start',
  options: {
    'node-red': { type: 'boolean', doc: 'run the demo as a flow in Node-RED' },
    classify: {
      type: 'boolean',
      doc: 'second demo: teach a classifier the states of a simulated milling machine, with buttons',
    },
    update: {
      type: 'boolean',
      doc: 'third demo: a device takes a good model from a signed repository and refuses a bad one',
    },
    fleet: {
      type: 'boolean',
      doc: 'fourth demo: a controller brings a better model to three devices and stops a worse one (Node 24 or later)',
    },
    labels: {
      type: 'string',
      value: '<share>',
      doc:
        'with --classify: label this share of the readings automatically, such as 0.1 ' +
        '(default 0: you label on the page)',
    },
    keep: { type: 'boolean', doc: 'keep the page, or Node-RED with its flow, running after the replay, until Ctrl-C' },
    seconds: {
      type: 'string',
      value: '<n>',
      doc:
        `time for the whole replay; 0: as fast as possible (default ${SECONDS}; ` +
        `with --classify ${MILL_SECONDS}, with --update ${UPDATE_SECONDS})`,
    },
    sensitivity: {
      type: 'string',
      value: '<x>',
      doc:
        'flag readings whose prediction error is above x times the usual error; a smaller x gives more alarms ' +
        '(default 6)',
    },
    'hold-off': {
      type: 'string',
      value: '<n>',
      doc: 'give a new alarm only after more than n usual readings in a row (default 60)',
    },
    mqtt: { type: 'string', value: '<url>', doc: 'use this broker instead of the built-in broker' },
    store: {
      type: 'string',
      value: '<folder>',
      doc: 'folder (the store) in which the nets save what they learn',
      default: join('.spikewire', 'demo'),
    },
    fresh: { type: 'boolean', doc: 'delete what an earlier run has learned' },
    port: {
      type: 'string',
      value: '<n>',
      doc: `port of the page on 127.0.0.1; 0: any free port (default ${PAGE_PORT}; with --node-red ${EDITOR_PORT})`,
    },
    device: {
      type: 'string',
      value: '<engine>',
      doc: 'engine that computes the nets (default clocked; with --node-red always clocked)',
    },
    seed: { type: 'string', value: '<n>', doc: 'random seed (default 1; with --node-red always 1)' },
  },

  async run(args, console) {
    if (args.text('labels') !== undefined && !args.flag('classify'))
      throw new SpikewireError('usage', 'spikewire demo --labels', 'has no effect without --classify', '--classify');
    if (args.flag('fleet')) return runFleet(args, console);
    if (args.flag('update')) return runUpdate(args, console);
    if (args.flag('classify')) return runMill(args, console);
    await (args.flag('node-red') ? runAsFlow(args, console) : runHere(args, console));
  },
};

async function runHere(args: CommandArguments, console: CommandConsole): Promise<void> {
  const { runDemo } = await import('../demo.ts');
  await runDemo({
    ...commonOptions(args, console),
    seed: args.number('seed', { minimum: 0, whole: true }) ?? 1,
    engine: args.text('device') ?? 'clocked',
    dashboard: { host: '127.0.0.1', port: portOf(args) ?? PAGE_PORT },
    async onSummary(summary, page) {
      console.result(summary, () => formatSummary(summary));
      await keepOpen(args, console, `page stays open at ${page}`);
    },
  });
}

async function runMill(args: CommandArguments, console: CommandConsole): Promise<void> {
  if (args.flag('node-red')) {
    throw new SpikewireError('usage', 'spikewire demo --classify', 'cannot be combined with --node-red', 'one of them');
  }
  const { runMillDemo } = await import('../mill/demo.ts');
  const { formatMillSummary } = await import('../mill/report.ts');
  await runMillDemo({
    ...commonOptions(args, console),
    seconds: secondsOf(args) ?? MILL_SECONDS,
    labels: args.number('labels', { minimum: 0, maximum: 1 }) ?? 0,
    seed: args.number('seed', { minimum: 0, whole: true }) ?? 1,
    engine: args.text('device') ?? 'clocked',
    dashboard: { host: '127.0.0.1', port: portOf(args) ?? PAGE_PORT },
    async onSummary(summary, page) {
      console.result(summary, () => formatMillSummary(summary));
      await keepOpen(args, console, `page stays open at ${page}`);
    },
  });
}

async function runUpdate(args: CommandArguments, console: CommandConsole): Promise<void> {
  expectAlone(args, 'update', ['node-red', 'classify']);
  const { runUpdateDemo } = await import('../update/demo.ts');
  const { formatUpdateSummary } = await import('../update/report.ts');
  const { signal, say, progress } = console;
  await runUpdateDemo({
    ...{ signal, say, progress, seconds: secondsOf(args) ?? UPDATE_SECONDS },
    seed: args.number('seed', { minimum: 0, whole: true }) ?? 1,
    engine: args.text('device') ?? 'clocked',
    page: { port: portOf(args) ?? PAGE_PORT },
    async onSummary(summary, page) {
      console.result(summary, () => formatUpdateSummary(summary));
      await keepOpen(args, console, `page stays open at ${page}`);
    },
  });
}

async function runFleet(args: CommandArguments, console: CommandConsole): Promise<void> {
  expectAlone(args, 'fleet', ['node-red', 'classify', 'update']);
  const { runFleetDemo } = await import('../fleet/demo.ts');
  const { formatFleetSummary } = await import('../fleet/report.ts');
  const { signal, say, progress } = console;
  await runFleetDemo({
    ...{ signal, say, progress, port: portOf(args) ?? PAGE_PORT },
    seed: args.number('seed', { minimum: 0, whole: true }) ?? 1,
    async onSummary(summary, page) {
      console.result(summary, () => formatFleetSummary(summary));
      await keepOpen(args, console, `page stays open at ${page}`);
    },
  });
}

function expectAlone(args: CommandArguments, flag: string, others: readonly string[]): void {
  const other = others.find((each) => args.flag(each));
  if (other === undefined) return;
  throw new SpikewireError('usage', `spikewire demo --${flag}`, `cannot be combined with --${other}`, 'one of them');
}

async function runAsFlow(args: CommandArguments, console: CommandConsole): Promise<void> {
  const taken = ['device', 'seed'].find((option) => args.text(option) !== undefined);
  if (taken !== undefined) {
    throw new SpikewireError('usage', `spikewire demo --${taken}`, 'is not for --node-red', 'one of them, not both');
  }
  const { runNodeRedDemo } = await import('../node-red/demo.ts');
  await runNodeRedDemo({
    ...commonOptions(args, console),
    port: portOf(args) ?? EDITOR_PORT,
    async onSummary(summary, ended) {
      console.result(summary, () => formatNodeRedSummary(summary));
      await keepOpen(args, console, `flow stays open at ${summary.nodeRed.editor}`, ended);
    },
  });
}

function commonOptions(args: CommandArguments, console: CommandConsole) {
  const mqtt = args.text('mqtt');
  const sensitivity = args.number('sensitivity', { minimum: 0 });
  const holdOff = args.number('hold-off', { minimum: 0, whole: true });
  return {
    ...(mqtt === undefined ? {} : { mqtt }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    ...(holdOff === undefined ? {} : { holdOff }),
    store: args.text('store')!,
    fresh: args.flag('fresh'),
    seconds: secondsOf(args) ?? SECONDS,
    signal: console.signal,
    say: console.say,
    progress: console.progress,
  };
}

function secondsOf(args: CommandArguments): number | undefined {
  return args.number('seconds', { minimum: 0 });
}

function portOf(args: CommandArguments): number | undefined {
  return args.number('port', { minimum: 0, maximum: 65535, whole: true });
}

/** Where it is asked for, waits for Ctrl-C, or until what is open has ended and says why. */
async function keepOpen(
  args: CommandArguments,
  { say, signal }: CommandConsole,
  what: string,
  ended?: Promise<string>,
): Promise<void> {
  if (!args.flag('keep') || signal.aborted) return;
  say(`the ${what} until Ctrl-C`);
  const stopped = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const reason = await Promise.race(ended === undefined ? [stopped] : [stopped, ended]);
  if (reason !== undefined) say(reason);
}
