import { type Model, readModel, SpikewireError } from '@spikewire/models';
import type { Agent } from '../../agent/hosted/agent.ts';
import { openUpdated } from '../../agent/hosted/open-updated.ts';
import { formatOutcome } from '../../desk/result-message.ts';
import { BOUNDS } from '../../host/check-configuration.ts';
import type {
  BrokerConfiguration,
  HostConfiguration,
  MessagesConfiguration,
  PageConfiguration,
  SensorConfiguration,
  SpikesConfiguration,
  StoreConfiguration,
} from '../../host/configuration.ts';
import type { Host } from '../../host/host.ts';
import type { HostedModel } from '../../host/hosted-model.ts';
import type { KeyNames } from '../../host/key-checks.ts';
import { describeComparison } from '../../host/named-comparison.ts';
import type { Routes } from '../../mqtt/routes.ts';
import { isWithin } from '../../number-in-text.ts';
import type { MissingRule } from '../../reading/form.ts';
import { describeFigures } from '../../sensors/figures-line.ts';
import type { WatchedService } from '../../service/notifier.ts';
import { withCleanup } from '../../session/cleanup.ts';
import type { NewModelPolicy } from '../../session/kept/state-keeper.ts';
import { refuseFileAsStore } from '../../store-folder.ts';
import { type BrokerAccess, readBroker } from '../broker-option.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';
import { deviceListing } from '../device-option.ts';
import { refuseIneffective } from '../effective-options.ts';
import { memoryOf, modelArgument, openModel } from '../model-argument.ts';
import { ModelReload } from '../model-reload.ts';
import { readMonitorSettings } from '../monitor-options.ts';
import { runOptions } from '../run-options.ts';
import { readRules } from '../stream-rules.ts';
import { notifySystemd } from '../systemd-notices.ts';
import { openAgent } from '../update-options.ts';
import { keepYoungGenerationSmall } from '../young-generation.ts';

/** What the keys of a host are called here, in errors and hints. */
const NAMES: KeyNames = {
  split: '--split',
  threads: 'spikewire run --threads',
  memory: '--memory',
  capacity: '--nets',
  selfTest: '--no-self-test',
  'store.quotaBytes': '--store-budget',
  'store.bytesPerDay': '--store-per-day',
  'store.saveEverySeconds': '--save-every',
  'store.onNewModel': 'spikewire run --on-new-model',
  'stream.in': '--in',
  'stream.out': '--out',
  'messages.profile': 'profile',
  'messages.missing': '--missing',
  'stream.homeAssistant': 'spikewire run --home-assistant',
  sensor: '--sensor',
  spikes: 'spikewire run --spikes',
  'page.token': '--dashboard-token',
  'page.tokenFile': 'spikewire run --dashboard-token-file',
};

/** `spikewire run`: a model on a stream, for as long as the machine runs. */
export const command: Command = {
  name: 'run',
  summary: 'run a model on MQTT topics or a sensor; with --learn it keeps learning',
  group: 'Start',
  examples: [
    'air.spike --in house/+/air --out house/+/air/state --learn --store learned',
    'next-reading-1 --sensor hwmon:sht4x/temp1 --learn --store learned-chip',
  ],
  positionals: [modelArgument],
  options: runOptions,
  listing: deviceListing,

  async run(args, console) {
    keepYoungGenerationSmall();
    const path = args.positionals[0]!;
    const memory = memoryOf(args);
    const reload = new ModelReload(path, memory, console);
    let agent: Agent | undefined;
    console.onHangUp(() => (agent?.updater === undefined ? reload.ask() : agent.updater.lookNow()));
    const opened = await openGiven(args, console, memory); // first: a wrong file is the first thing to mend
    const routes = routesOf(args);
    refuseIneffective(args);
    const { secret, only, ...rules } = await readRules(args, process.env);
    const warn = (line: string, kind?: string) => console.warn(`spikewire: ${line}`, kind);
    const broker = routes === undefined ? undefined : await readBroker(args, process.env, console);
    agent = await openAgent(args, opened && { bytes: opened.bytes, name: path }, console, memory);
    const base = await baseOf(agent, opened && { ...opened, name: path }, console, memory);
    if (base === undefined) return;
    const { bytes, model, name } = base;
    const configuration: HostConfiguration = {
      ...netsOf(args),
      ...{ device: args.text('device'), memory },
      monitors: Object.fromEntries(readMonitorSettings(args, model)),
      store: storeOf(args),
      rules: { lessons: rules.lessons, commands: rules.commands && [...rules.commands] },
      stream: routes && { ...routes, ...publishingOf(args), only: only && [...only], broker: brokerOf(args, broker!) },
      messages: messagesOf(args),
      sensor: sensorOf(args),
      spikes: spikesOf(args),
      page: pageOf(args),
    };
    if (args.flag('learn') && !learns(model)) warn(`${path}: has no learning rule; --learn sets ranges only`);
    const beside = await besideOf(args, console, memory);
    await refuseFileAsStore(configuration.store?.directory);
    const { figures } = await withCleanup(async (closers) => {
      closers.push(async () => agent?.close());
      const host = await openUpdated(closers, agent, { bytes, name }, configuration, {
        signal: console.signal,
        say: (line) => console.say(line),
        tell: (line, kind) => console.tell(`spikewire: ${line}`, kind),
        ...{ warn, names: NAMES, secret, beside },
      });
      reload.begin(host);
      closers.push(await notifySystemd(serviceOf(host), warn));
      if (routes === undefined && !console.json)
        host.desk.observe((_key, _kept, outcome) => console.document(formatOutcome(host.pool.model, outcome)));
      await host.follow();
      return host;
    });
    const { received, bad, published, dropped, sensor, spikes, comparison } = figures;
    console.result(figures, () => [
      `stopped: ${received} MQTT messages received, ${bad} bad, ${published} published, ${dropped} dropped`,
      ...(sensor === undefined ? [] : [describeFigures(sensor)]),
      ...(spikes === undefined ? [] : [`spikes of ${spikes.node}: ${spikes.sent} sent, ${spikes.lost} lost`]),
      ...(comparison === undefined ? [] : describeComparison(comparison)),
    ]);
  },
};

/** The model file; undefined where it is missing and updates are to bring it. */
async function openGiven(args: CommandArguments, console: CommandConsole, memory: number) {
  try {
    return await openModel(args.positionals[0]!, console, memory);
  } catch (problem) {
    const cause = (problem as Error).cause as NodeJS.ErrnoException | undefined;
    if (args.text('update') === undefined || cause?.code !== 'ENOENT') throw problem;
    return undefined;
  }
}

/** The model to run: what the updates say, or what was given; undefined where the process ends before one has come. */
async function baseOf(
  agent: Agent | undefined,
  given: (HostedModel & { readonly model: Model }) | undefined,
  console: CommandConsole,
  memory: number,
): Promise<(HostedModel & { readonly model: Model }) | undefined> {
  if (agent === undefined) return given;
  await agent.fetchBase(console.signal);
  const { base } = agent;
  if (base === undefined) await agent.close();
  return base && { ...base, model: readModel(base.bytes, { bytes: memory }) };
}

/** What systemd is told about a host. */
function serviceOf(host: Host): WatchedService {
  return {
    get readings() {
      return new Map([['', host.desk.readings]]);
    },
    get status() {
      const { open, failed } = host.pool.counters;
      return `open nets: ${open}, readings: ${host.desk.readings.done}, failed nets: ${failed}`;
    },
  };
}

/** The model of `--beside`. */
async function besideOf(
  args: CommandArguments,
  console: CommandConsole,
  memory: number,
): Promise<HostedModel | undefined> {
  const name = args.text('beside');
  return name === undefined ? undefined : { bytes: (await openModel(name, console, memory)).bytes, name };
}

function netsOf(args: CommandArguments): HostConfiguration {
  return {
    split: args.flag('split'),
    threads: args.number('threads', BOUNDS.threads),
    seed: args.number('seed', BOUNDS.seed),
    selfTest: !args.flag('no-self-test'),
    capacity: args.number('nets', BOUNDS.capacity),
    learning: args.flag('learn'),
    warmUp: args.number('warm-up', BOUNDS.warmUp),
    lessonsPerDay: args.number('lessons-per-day', BOUNDS.lessonsPerDay),
  };
}

function storeOf(args: CommandArguments): StoreConfiguration {
  return {
    directory: args.text('store'),
    required: args.flag('require-store'),
    quotaBytes: args.bytes('store-budget', BOUNDS.quotaBytes),
    bytesPerDay: args.bytes('store-per-day', BOUNDS.bytesPerDay),
    saveEverySeconds: args.number('save-every', BOUNDS.saveEverySeconds),
    onNewModel: args.text('on-new-model') as NewModelPolicy,
  };
}

/** How readings are asked for, and results and nets told. */
function publishingOf(args: CommandArguments) {
  const homeAssistant = args.text('home-assistant');
  return {
    qos: args.number('qos', BOUNDS.qos) as 0 | 1,
    retainResults: args.flag('retain') || homeAssistant !== undefined,
    homeAssistant,
  };
}

function brokerOf(args: CommandArguments, broker: BrokerAccess): BrokerConfiguration {
  return { ...broker, clientId: args.text('client-id') };
}

function messagesOf(args: CommandArguments): MessagesConfiguration {
  const join = args.number('join', BOUNDS.joinWithin);
  return {
    profile: args.text('profile'),
    channels: args.text('channels'),
    missing: args.text('missing') as MissingRule,
    joinWithin: join && join * 1000,
  };
}

function sensorOf(args: CommandArguments): SensorConfiguration | undefined {
  const address = args.text('sensor');
  return address === undefined ? undefined : { address, interval: args.number('interval', BOUNDS.interval) };
}

function spikesOf(args: CommandArguments): SpikesConfiguration | undefined {
  const text = args.text('spikes');
  if (text === undefined) return undefined;
  // A node may have = in its name, an address of events begins behind the last that has aer: after it.
  const mark = text.lastIndexOf('=aer:');
  if (mark > 0) return { node: text.slice(0, mark), to: text.slice(mark + 1) };
  throw new SpikewireError('usage', 'spikewire run --spikes', `is "${text}"`, 'NODE=aer:udp://HOST:PORT');
}

function pageOf(args: CommandArguments): PageConfiguration | undefined {
  const address = args.text('dashboard');
  if (address === undefined) return undefined;
  const colon = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, Math.max(0, colon)), address.slice(colon + 1)];
  if (port === '' || !isWithin(Number(port), BOUNDS.port)) {
    const expected = '[host:]port, such as 127.0.0.1:8080';
    throw new SpikewireError('usage', 'spikewire run --dashboard', `is "${address}"`, expected);
  }
  return {
    // An IPv6 address stands in brackets before a port.
    host: host === '' ? undefined : host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port),
    token: args.text('dashboard-token'),
    tokenFile: args.text('dashboard-token-file'),
    viewerTokenFile: args.text('dashboard-viewer-token-file'),
  };
}

/** Whether a rule learns, or a read-out that labels teach. */
function learns({ learning, decoder }: Model): boolean {
  return learning.size > 0 || [...decoder.values()].some(({ type }) => type === 'teachable');
}

function routesOf(args: CommandArguments): Routes | undefined {
  const input = args.text('in');
  const output = args.text('out');
  const isSensor = args.text('sensor') !== undefined;
  if (input === undefined && output === undefined) {
    if (isSensor && args.text('mqtt') === undefined) return undefined;
    const expected = '--in <topic> and --out <topic>, or --sensor <driver:address>';
    if (!isSensor) throw new SpikewireError('usage', 'spikewire run', 'has no source of readings', expected);
  }
  if (output === undefined)
    throw new SpikewireError('usage', 'spikewire run', '--out is missing', 'a topic for the results');
  if (input === undefined && !isSensor) {
    throw new SpikewireError('usage', 'spikewire run', '--in is missing', 'a topic for the readings, or --sensor');
  }
  return { in: input ?? `${output}/reading`, out: output };
}
