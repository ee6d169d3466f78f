import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { parse } from 'node:path';
import { describeChoice, type EngineChoice } from '@spikewire/engine/network';
import { type Model, RandomGenerator, SpikewireError } from '@spikewire/models';
import type { DeskSource } from '../../dashboard/index.ts';
import { type AccessRules, SWITCHED_COMMANDS, type SwitchedCommand } from '../../desk/access.ts';
import { Narrator } from '../../desk/narrator.ts';
import { formatOutcome, isTold } from '../../desk/result-message.ts';
import { executorSourceOf } from '../../executor/address.ts';
import { DEFAULT_BROKER, parseBrokerAddress } from '../../mqtt/broker-address.ts';
import { BrokerDrops } from '../../mqtt/broker-drops.ts';
import { announcement } from '../../mqtt/home-assistant.ts';
import { MqttLink } from '../../mqtt/link.ts';
import { OverloadWatch } from '../../mqtt/overload.ts';
import type { Announcing } from '../../mqtt/retained-messages.ts';
import { linkTopicOf, type Routes } from '../../mqtt/routes.ts';
import { Stream } from '../../mqtt/stream.ts';
import { isTopic } from '../../mqtt/topic-filter.ts';
import { readOwnersLine } from '../../owners-file.ts';
import type { Reading } from '../../reading/reading.ts';
import { describeFigures } from '../../sensors/figures-line.ts';
import type { SensorStream } from '../../sensors/sensor-stream.ts';
import { closingAfterwards } from '../../session/closing.ts';
import { NetPool } from '../../session/net-pool.ts';
import { NEW_MODEL_POLICIES, type NewModelPolicy } from '../../session/state-keeper.ts';
import { LESSONS_PER_DAY } from '../../session/taught-readout.ts';
import { type BrokerAccess, brokerOptions, readBroker } from '../broker-option.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';
import { deviceListing, deviceOf, deviceOptions } from '../device-option.ts';
import { memoryOf, memoryOption, modelArgument, openModel } from '../model-argument.ts';
import { monitorOptions, readMonitorSettings } from '../monitor-options.ts';
import { readForm, readingOptions } from '../reading-form.ts';
import { readRules, ruleOptions } from '../stream-rules.ts';
import { keepYoungGenerationSmall } from '../young-generation.ts';

/** For more, a thread's own memory is more than that of its nets. */
const MOST_THREADS = 64;
/** Between two looks at how much waits. */
const LOAD_LOOK_MS = 1000;
/** Of fewer readings nothing usual can be known. */
const LEAST_WARM_UP = 10;
/** For less there is hardly a file. */
const LEAST_STORE_BYTES = 2 ** 16;

/** `spikewire run`: a model on a stream, for as long as the machine runs. */
export const command: Command = {
  name: 'run',
  summary: 'run a model on an MQTT stream or a sensor, learning as it goes',
  positionals: [modelArgument],
  options: {
    mqtt: { type: 'string', value: '<url>', doc: `broker; ${DEFAULT_BROKER} where --in or --out is given` },
    ...brokerOptions,
    in: { type: 'string', value: '<topic>', doc: 'readings come from here; "+" for a net of its own per level' },
    out: { type: 'string', value: '<topic>', doc: 'results go here' },
    qos: {
      type: 'string',
      value: '0|1',
      doc: 'of the readings; 1: the broker keeps what this machine has no time for; 0: that is dropped, and counted',
      default: '1',
    },
    sensor: { type: 'string', value: '<driver:address>', doc: 'readings come from a sensor of this machine' },
    interval: {
      type: 'string',
      value: '<seconds>',
      doc: 'between two readings of a sensor that is asked',
      default: '5',
    },
    learn: {
      type: 'boolean',
      doc: 'keep learning; without it only the warm-up sets ranges, and weights stay as they are',
    },
    'warm-up': {
      type: 'string',
      value: '<readings>',
      doc: "readings before the first alarm, at most the model's number; default: that, or for slow detectors an hour's, at least 200",
    },
    ...monitorOptions,
    'lessons-per-day': {
      type: 'string',
      value: '<n>',
      doc: 'labels that a net takes in a day of UTC, where its read-out can be taught',
      default: String(LESSONS_PER_DAY),
    },
    store: { type: 'string', value: '<folder>', doc: 'keep what is learned here, safe from power failures' },
    'require-store': {
      type: 'boolean',
      doc: 'end with code 1 where the store cannot be used, instead of learning in memory',
    },
    'store-budget': {
      type: 'string',
      value: '<bytes>',
      doc: 'what the store may take, files of all nets',
      default: '512M',
    },
    'store-per-day': {
      type: 'string',
      value: '<bytes>',
      doc: 'what may be written to it in 24 hours; saves that a person asks for get through beyond it',
      default: '512M',
    },
    'save-every': {
      type: 'string',
      value: '<seconds>',
      doc: 'least time between two saves of what readings teach; lessons and commands are saved within a second',
      default: '60',
    },
    'on-new-model': {
      type: 'string',
      value: NEW_MODEL_POLICIES.join('|'),
      doc: 'what another model has learned in the store: keep it aside, take it over where it fits, or delete it',
      default: 'keep',
    },
    memory: memoryOption,
    ...deviceOptions,
    device: { ...deviceOptions.device, doc: `${deviceOptions.device.doc}; auto+worker where absent` },
    'in-process': {
      type: 'boolean',
      doc: 'run the net in the main thread, as an engine without +worker: saves its memory',
    },
    threads: { type: 'string', value: '<n>', doc: 'with +worker: threads over which nets are spread', default: '1' },
    'no-self-test': { type: 'boolean', doc: "start also where the model's self-tests fail on this machine" },
    nets: {
      type: 'string',
      value: '<n>',
      doc: 'nets open at the same time where --in has a "+"; as many as --memory holds where absent',
    },
    ...readingOptions,
    join: {
      type: 'string',
      value: '<seconds>',
      doc: 'several topics below --in make a reading; how long their last values count',
    },
    'home-assistant': {
      type: 'string',
      value: '<prefix>',
      doc: 'announce nets to Home Assistant below this topic, usually homeassistant; keeps results as --retain',
    },
    retain: { type: 'boolean', doc: 'the broker keeps the last result for later subscribers' },
    ...ruleOptions,
    'client-id': { type: 'string', value: '<name>', doc: 'name of the session at the broker; stable over restarts' },
    quiet: { type: 'boolean', doc: 'say nothing but warnings and the figures at the end' },
    log: { type: 'string', value: 'text|json', doc: 'how lines on stderr are written', default: 'text' },
    seed: { type: 'string', value: '<n>', doc: 'seed of everything random', default: '1' },
    dashboard: { type: 'string', value: '<host:port>', doc: 'show the live page there' },
    'dashboard-token': {
      type: 'string',
      value: '<word>',
      doc: 'access token for the page; generated where one is needed; other users see it: better in a file',
    },
    'dashboard-token-file': { type: 'string', value: '<file>', doc: 'file with the token, readable only by its owner' },
    'dashboard-viewer-token-file': {
      type: 'string',
      value: '<file>',
      doc: 'file with a token for those who may look at the page and /metrics, and not teach or command',
    },
  },
  listing: deviceListing,

  async run(args, console) {
    keepYoungGenerationSmall();
    const path = args.positionals[0]!;
    const routes = routesOf(args);
    const rules = await readRules(args, process.env);
    const warn = (line: string, kind?: string) => console.warn(`spikewire: ${line}`, kind);
    const broker = routes === undefined ? undefined : await readBroker(args, process.env, console);
    const memory = memoryOf(args);
    const { bytes, model } = await openModel(path, console, memory);
    const device = await streamDevice(args);
    const threads = threadsOf(args, device);
    const qos = args.number('qos', { minimum: 0, maximum: 1, whole: true }) as 0 | 1;
    const seed = args.number('seed', { minimum: 0, whole: true })!;
    if (args.flag('learn') && !learns(model)) warn(`${path}: has no learning rule; --learn sets ranges only`);
    const source = await executorSourceOf(device, { memory, signal: console.signal, threads, warn });
    // Where there is one net; many choose each for themselves, and their status says what.
    let running: EngineChoice = { engine: device.replace(/\+worker$/, ''), because: null };
    let page: Page | undefined;
    const pool = new NetPool(bytes, source, {
      ...poolOptions(args, seed, warn),
      monitorSettings: readMonitorSettings(args, model),
      memory,
      notes: (key) => page?.source.notesOf(key),
      listener: (key, { window }) => {
        if (key !== '' || window?.chosen === undefined) return;
        running = window.chosen.choice;
        console.say(`engine: ${describeChoice(running)}`);
      },
    });
    const brokerDrops = new BrokerDrops();
    let sensor: SensorStream | undefined;
    const stream = new Stream(pool, {
      routes: routes ?? { in: 'sensor', out: 'result' },
      ...rules,
      form: { ...readForm(args), ...joinOf(args) },
      qos,
      retainResults: args.flag('retain') || args.text('home-assistant') !== undefined,
      ...announcingOf(args, pool, routes, rules),
      ...(routes === undefined ? {} : { brokerDropped: () => brokerDrops.count }),
      ...(args.text('sensor') === undefined ? {} : { sensor: () => sensor?.figures }),
      warn,
      audit: (line) => console.say(line),
    });
    await closingAfterwards(async (closers) => {
      closers.push(async () => stream.close());
      const tell = (line: string, kind: string) => console.tell(`spikewire: ${line}`, kind);
      const narrator = new Narrator(stream.desk, tell);
      closers.push(async () => narrator.close());
      closers.push(() => source.close());
      closers.push(() => pool.close());
      await refuseFileAsStore(args.text('store'));
      await pool.takeStores();
      running = (await tryNet(path, pool, routes?.in ?? '')) ?? running;
      const followed = await openStreamSensor(args, stream, console);
      sensor = followed?.sensor;
      if (followed !== undefined) closers.push(() => followed.sensor.close());
      page = await openPage(args, stream, { model: path, input: routes?.in ?? args.text('sensor')! }, console);
      if (page !== undefined) closers.push(page.close);
      const link =
        routes === undefined ? undefined : await openLink(broker!, args, stream, brokerDrops, seed, { warn, tell });
      if (link !== undefined) {
        const watching = watchLoad(link, brokerDrops, qos, warn);
        closers.push(() => link.close());
        closers.push(async () => clearInterval(watching));
      }
      stream.attach(link);
      if (link !== undefined) {
        const version = link.version ?? 'waiting for the broker';
        console.say(`running ${path} on ${describeChoice(running)}: ${routes!.in} → ${routes!.out} (MQTT ${version})`);
      }
      if (followed === undefined) await aborted(console.signal);
      else await followSensor(followed, stream, console, link === undefined && !console.json);
    });
    const { counters } = stream;
    const { received, bad, published, dropped } = counters;
    console.result(
      { ...running, ...counters, nets: pool.counters, ...(sensor === undefined ? {} : { sensor: sensor.figures }) },
      () => [
        `stopped: ${received} messages, ${bad} bad, ${published} published, ${dropped} dropped`,
        ...(sensor === undefined ? [] : [describeFigures(sensor.figures)]),
      ],
    );
  },
};

/** How nets are announced to Home Assistant, where that is asked: without commands where these need a secret. */
function announcingOf(
  args: CommandArguments,
  { model, shape }: NetPool,
  routes: Routes | undefined,
  rules: AccessRules,
) {
  const prefix = args.text('home-assistant');
  if (prefix === undefined) return {};
  if (routes === undefined || !isTopic(prefix)) {
    const problem = routes === undefined ? 'is given without --out' : `is "${prefix}"`;
    throw new SpikewireError('usage', 'spikewire run --home-assistant', problem, 'a topic such as homeassistant');
  }
  const commands =
    rules.secret === undefined ? (rules.commands ?? new Set(SWITCHED_COMMANDS)) : new Set<SwitchedCommand>();
  const { takesNewClasses } = shape;
  const linkTopic = linkTopicOf(routes);
  const announcing: Announcing = {
    of: (key) => announcement(key, { model, routes, prefix, linkTopic, commands, takesNewClasses }),
    found: { filter: `${prefix}/device/+/config`, owner: clientIdOf(args, routes) },
  };
  return { announcing };
}

/** The name of the session at the broker. */
function clientIdOf(args: CommandArguments, { in: input }: Routes): string {
  return args.text('client-id') ?? `spikewire-${hostname()}-${input.replace(/[^A-Za-z0-9]+/g, '-')}`;
}

/** The option in milliseconds, where it was given. */
function joinOf(args: CommandArguments) {
  const seconds = args.number('join', { minimum: 0 });
  return seconds === undefined ? {} : { joinWithin: seconds * 1000 };
}

/** Whether a rule learns, or a read-out that labels teach. */
function learns({ learning, decoder }: Model): boolean {
  return learning.size > 0 || [...decoder.values()].some(({ type }) => type === 'teachable');
}

/** The address of `--device`; an engine that is named alone gets a thread of its own, unless that is not wanted. */
async function streamDevice(args: CommandArguments): Promise<string> {
  const device = (await deviceOf(args)) ?? 'auto';
  const isNamed = args.text('device') !== undefined;
  if (isNamed && args.flag('in-process')) {
    throw new SpikewireError(
      'usage',
      'spikewire run --in-process',
      'is given beside --device',
      'an engine without +worker',
    );
  }
  return isNamed || args.flag('in-process') ? device : `${device}+worker`;
}

/** The threads of `--threads`, also for the nets of a board that is gone. */
function threadsOf(args: CommandArguments, device: string): number {
  const threads = args.number('threads', { minimum: 1, maximum: MOST_THREADS, whole: true })!;
  if (threads === 1 || device.includes(':') || device.endsWith('+worker')) return threads;
  const problem = 'is given where nets run in the main thread';
  throw new SpikewireError('usage', `spikewire run --threads ${threads}`, problem, 'an engine with +worker');
}

function poolOptions(args: CommandArguments, seed: number, warn: (line: string) => void) {
  const directory = args.text('store');
  const onNewModel = args.text('on-new-model') as NewModelPolicy;
  if (!NEW_MODEL_POLICIES.includes(onNewModel)) {
    throw new SpikewireError(
      'usage',
      'spikewire run --on-new-model',
      `is "${onNewModel}"`,
      NEW_MODEL_POLICIES.join(', '),
    );
  }
  return {
    ...(directory === undefined ? {} : { directory }),
    storeLimits: {
      quotaBytes: args.bytes('store-budget', { minimum: LEAST_STORE_BYTES })!,
      bytesPerDay: args.bytes('store-per-day', { minimum: LEAST_STORE_BYTES })!,
    },
    limitNames: {
      capacity: '--nets',
      memory: '--memory',
      saveEverySeconds: '--save-every',
      quotaBytes: '--store-budget',
      bytesPerDay: '--store-per-day',
    },
    requireStore: args.flag('require-store'),
    onNewModel,
    saveEverySeconds: args.number('save-every', { minimum: 0 })!,
    capacity: args.number('nets', { minimum: 1, whole: true }),
    learning: args.flag('learn'),
    warmUp: args.number('warm-up', { minimum: LEAST_WARM_UP, whole: true }),
    lessonsPerDay: args.number('lessons-per-day', { minimum: 0, whole: true })!,
    selfTest: !args.flag('no-self-test'),
    seed,
    warn,
  };
}

async function refuseFileAsStore(directory: string | undefined): Promise<void> {
  if (directory === undefined) return;
  const present = await stat(directory).catch((problem: NodeJS.ErrnoException) => problem);
  if (present instanceof Error) {
    if (present.code === 'ENOTDIR')
      throw new SpikewireError('store', `store ${directory}`, 'lies below a file', 'a folder');
  } else if (!present.isDirectory()) throw new SpikewireError('store', `store ${directory}`, 'is a file', 'a folder');
}

/**
 * Opens the net before the first reading: what keeps it from running is said at the start, and not with every reading.
 * Returns its engine where there is but one net.
 */
async function tryNet(path: string, pool: NetPool, input: string): Promise<EngineChoice | undefined> {
  try {
    if (!input.includes('+')) return await pool.use('', ({ session }) => session.executor.choice);
    await pool.tryOut();
    return undefined;
  } catch (problem) {
    if (!(problem instanceof SpikewireError) || problem.code === 'store') throw problem;
    const isSelfTest = problem.where.startsWith('selfTests');
    const way = isSelfTest ? '; this machine computes the model wrongly, --no-self-test starts it all the same' : '';
    throw SpikewireError.restore(problem.code, path, `${path}: ${problem.message}${way}`);
  }
}

/** A sensor, and how many of its samples make a reading of the net. */
interface StreamSensor {
  readonly sensor: SensorStream;
  readonly length: number;
}

/** The sensor that was asked for, when it has the channels of the model, or the model takes blocks of their samples. */
async function openStreamSensor(
  args: CommandArguments,
  stream: Stream,
  console: CommandConsole,
): Promise<StreamSensor | undefined> {
  const address = args.text('sensor');
  if (address === undefined) return undefined;
  const { pool } = stream.desk;
  const needed = await pool.use('', ({ session }) => session.channels);
  const { openSensor } = await import('../../sensors/find.ts');
  const sensor = await openSensor(address, {
    interval: args.number('interval', { minimum: 0.001, maximum: 86_400 })!,
    channels: pool.model.channels,
    signal: console.signal,
    onProblem: ({ message }) => {
      stream.countBad();
      console.warn(`spikewire: ${message}`, 'sensor');
    },
  });
  const { channels } = sensor.description;
  const length = needed / channels.length;
  if (length === 1 || (Number.isInteger(length) && takesBlocks(pool.model, length))) return { sensor, length };
  await sensor.close();
  const names = channels.map(({ name }) => name).join(', ');
  throw new SpikewireError(
    'usage',
    `--sensor ${address}`,
    `has ${channels.length} channels (${names})`,
    `${needed}, as the model has`,
  );
}

/** Whether every reading holds so many consecutive samples of each channel. */
function takesBlocks({ features }: Model, length: number): boolean {
  const chains = [...(features?.values() ?? [])];
  const begins = chains.map(([first]) => (first !== undefined && 'type' in first ? first : undefined));
  const isBlock = begins.every((first) => first?.type === 'block' && first.parameters.length === length);
  return chains.length > 0 && isBlock;
}

function routesOf(args: CommandArguments): Routes | undefined {
  const input = args.text('in');
  const output = args.text('out');
  const isSensor = args.text('sensor') !== undefined;
  if (input === undefined && output === undefined && args.text('mqtt') === undefined) {
    if (isSensor) return undefined;
    throw new SpikewireError(
      'usage',
      'spikewire run',
      'has nothing to listen to',
      '--in <topic> and --out <topic>, or --sensor <driver:address>',
    );
  }
  if (output === undefined)
    throw new SpikewireError('usage', 'spikewire run', '--out is missing', 'a topic for the results');
  if (input === undefined && !isSensor) {
    throw new SpikewireError('usage', 'spikewire run', '--in is missing', 'a topic for the readings, or --sensor');
  }
  if (isSensor && output.includes('+')) {
    throw new SpikewireError('usage', `--out ${output}`, 'has "+", but a sensor is one net', 'a topic without "+"');
  }
  return { in: input ?? `${output}/reading`, out: output };
}

function openLink(
  { url, ...access }: BrokerAccess,
  args: CommandArguments,
  stream: Stream,
  brokerDrops: BrokerDrops,
  seed: number,
  { warn, tell }: Record<'warn' | 'tell', (line: string, kind: string) => void>,
): Promise<MqttLink> {
  const clientId = clientIdOf(args, stream.routes);
  // The jitter of the back-off must differ between devices, not be secret.
  const random = new RandomGenerator(seed, clientId);
  return MqttLink.connect(url, {
    ...access,
    clientId,
    random: () => random.nextUniform(),
    status: { topic: linkTopicOf(stream.routes) },
    onState: (state) => {
      if (state !== 'connected') return;
      tell(`connected to ${parseBrokerAddress(url).shown}`, 'link');
      stream.announceAgain();
    },
    subscriptions: [...stream.subscriptions, brokerDrops.subscription],
    firstFailure: 'retry',
    isPrintable: (topic) => stream.isPrintable(topic),
    onWarning: warn,
  });
}

/**
 * Says when more messages come than are done, once a second at most, and what the broker drops whenever that doubles.
 */
function watchLoad(
  link: MqttLink,
  brokerDrops: BrokerDrops,
  qos: 0 | 1,
  warn: (line: string, kind: string) => void,
): NodeJS.Timeout {
  const watch = new OverloadWatch(qos);
  let next = 1;
  return setInterval(() => {
    const { count } = brokerDrops;
    const line = watch.look(link.counters, count);
    if (line !== undefined) warn(line, 'overload');
    if (count === undefined || count < next) return;
    next = 2 * count;
    warn(`the broker had no room for messages, of whichever client, and has dropped so far: ${count}`, 'broker');
  }, LOAD_LOOK_MS).unref();
}

interface Page {
  readonly source: DeskSource;
  readonly close: () => Promise<void>;
}

/** The live page where it is asked for, entitled by the name of the model's file. */
async function openPage(
  args: CommandArguments,
  stream: Stream,
  from: { readonly model: string; readonly input: string },
  console: CommandConsole,
): Promise<Page | undefined> {
  const address = args.text('dashboard');
  if (address === undefined) return undefined;
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  if (!Number.isInteger(port) || port < 0 || port > 65535 || address.slice(colon + 1) === '') {
    throw new SpikewireError(
      'usage',
      'spikewire run --dashboard',
      `is "${address}"`,
      'host:port such as 127.0.0.1:8080',
    );
  }
  const { DeskSource, startDashboard } = await import('../../dashboard/index.ts');
  const viewers = args.text('dashboard-viewer-token-file');
  const { token, isToldHere } = await dashboardToken(args);
  const title = parse(from.model).name;
  const isSingle = !from.input.includes('+');
  const source = new DeskSource(stream.desk, {
    title,
    input: from.input,
    messages: () => stream.counters,
    ...(isSingle ? { names: new Map([['', title]]) } : {}),
  });
  if (isSingle) await source.meet('');
  const dashboard = await startDashboard(source, {
    // An IPv6 address stands in brackets before a port.
    host: colon > 0 ? address.slice(0, colon).replace(/^\[(.*)\]$/, '$1') : '127.0.0.1',
    port,
    ...(token === undefined ? {} : { token }),
    ...(viewers === undefined ? {} : { viewerToken: await readOwnersLine(viewers, 'token file') }),
  });
  console.say(`page: ${isToldHere ? dashboard.url : new URL('/', dashboard.url)}`);
  return { source, close: () => dashboard.close() };
}

/** The token of the page, where one is given, and whether the log may say it: what comes from a file stays there. */
async function dashboardToken(args: CommandArguments) {
  const [token, path] = [args.text('dashboard-token'), args.text('dashboard-token-file')];
  if (path === undefined) return { token, isToldHere: true };
  const where = 'spikewire run --dashboard-token-file';
  if (token !== undefined) throw new SpikewireError('usage', where, 'is given beside --dashboard-token', 'one of them');
  const line = await readOwnersLine(path, 'token file');
  if (line === '') throw new SpikewireError('usage', `token file ${path}`, 'is empty', 'a token in its first line');
  return { token: line, isToldHere: false };
}

/** Feeds what the sensor gives until the command is stopped or a recording ends. */
async function followSensor(
  { sensor, length }: StreamSensor,
  stream: Stream,
  console: CommandConsole,
  print: boolean,
): Promise<void> {
  const { address, channels } = sensor.description;
  console.say(`sensor ${address}: ${channels.map(({ name, unit }) => `${name} (${unit})`).join(', ')}`);
  for (;;) {
    const reading = await sensor.read(length);
    if (reading === undefined) return;
    await takeReading(reading, stream, console, print);
  }
}

async function takeReading(reading: Reading, stream: Stream, console: CommandConsole, print: boolean): Promise<void> {
  try {
    const outcome = await stream.feed('', reading);
    if (print && isTold(outcome)) console.document(formatOutcome(stream.desk.pool.model, outcome));
  } catch (problem) {
    if (!(problem instanceof SpikewireError)) throw problem;
    stream.countBad();
    console.warn(`spikewire: ${problem.message}`, 'sensor');
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
