import { DEFAULT_BROKER } from '../mqtt/link/broker-address.ts';
import { NEW_MODEL_POLICIES } from '../session/kept/state-keeper.ts';
import { LESSONS_PER_DAY } from '../session/readout/taught-readout.ts';
import { under } from './arguments.ts';
import { brokerOptions } from './broker-option.ts';
import type { OptionDeclaration } from './command.ts';
import { deviceOptions } from './device-option.ts';
import { memoryOption } from './model-argument.ts';
import { monitorOptions } from './monitor-options.ts';
import { readingOptions } from './reading-form.ts';
import { ruleOptions } from './stream-rules.ts';

type Options = Readonly<Record<string, OptionDeclaration>>;

const { only, ...permissions } = ruleOptions;

const readings: Options = {
  in: {
    type: 'string',
    value: '<topic>',
    doc:
      'subscribe to this topic; with "+", one net for each topic that matches ' +
      '(a net is a running copy of the model, which learns separately)',
  },
  sensor: {
    type: 'string',
    value: '<driver:address>',
    doc: 'read a sensor of this machine instead; "spikewire devices" lists them',
  },
  interval: { type: 'string', value: '<seconds>', doc: 'polling interval of --sensor', default: '5' },
  ...readingOptions,
  join: {
    type: 'string',
    value: '<seconds>',
    doc:
      '--in is a parent topic, without "/#": merge its subtopics, one for each channel, ' +
      'into one reading; values older than this count as missing',
  },
  only,
  nets: {
    type: 'string',
    value: '<n>',
    doc:
      'with "+" in --in: keep at most n nets in memory; for one more, ' +
      'the net without readings for longest is closed (default: as many as --memory holds)',
  },
};

const broker: Options = {
  mqtt: { type: 'string', value: '<url>', doc: `broker (default ${DEFAULT_BROKER}, with --in or --out)` },
  out: {
    type: 'string',
    value: '<topic>',
    doc: 'publish results to this topic; each "+" becomes the name that --in has in its place',
  },
  ...brokerOptions,
  qos: {
    type: 'string',
    value: '0|1',
    doc: '1: the broker queues readings while this machine is busy; 0: excess readings are dropped and counted',
    default: '1',
  },
  retain: { type: 'boolean', doc: 'retain results, so that the broker gives the last one to later subscribers' },
  'client-id': {
    type: 'string',
    value: '<name>',
    doc: 'MQTT client id (default: made of this machine and the topic, the same after a restart)',
  },
};

const learning: Options = {
  learn: {
    type: 'boolean',
    doc:
      'keep learning from readings and labels ' +
      '(default: learn only the usual range of each channel, in the warm-up; then run on without learning)',
  },
  'lessons-per-day': {
    type: 'string',
    value: '<n>',
    doc: 'for models that labels can teach: accept at most n labels a day (UTC) for each net',
    default: String(LESSONS_PER_DAY),
  },
  ...permissions,
  beside: {
    type: 'string',
    value: '<model>',
    doc:
      'run a second model for comparison: it gets the same readings and lessons, but its answers are not published; ' +
      'page, log and --json compare both; each may use as much memory as --memory says',
  },
  seed: { type: 'string', value: '<n>', doc: 'random seed', default: '1' },
};

const alarms: Options = {
  'warm-up': {
    type: 'string',
    value: '<readings>',
    doc:
      'readings before the first alarm, except for values far outside all earlier ones ' +
      "(default: the model's number; for slow sensors one hour's worth, at least 200)",
  },
  ...monitorOptions,
};

const store: Options = {
  store: {
    type: 'string',
    value: '<folder>',
    doc: 'folder (the store) that keeps what is learned, also after a power failure (default: kept in memory only)',
  },
  'require-store': {
    type: 'boolean',
    doc: 'exit with code 1 if the store cannot be used, instead of learning in memory',
  },
  'store-budget': {
    type: 'string',
    value: '<bytes>',
    doc: 'largest size of the store, all nets together',
    default: '512M',
  },
  'store-per-day': {
    type: 'string',
    value: '<bytes>',
    doc: 'most bytes to write in 24 hours, to spare the SD card; saves that a person asks for are exempt',
    default: '512M',
  },
  'save-every': {
    type: 'string',
    value: '<seconds>',
    doc: 'least time between two saves; lessons and commands are saved within a second',
    default: '60',
  },
  'on-new-model': {
    type: 'string',
    value: NEW_MODEL_POLICIES.join('|'),
    doc:
      'if the model has changed, what becomes of what the old one learned: keep (it stays in the store, for the old ' +
      'model; the new one starts without it), rebase (the new model uses it, if both have the same net, inputs and ' +
      'learning rules, else as keep) or reset (it is deleted)',
    default: 'keep',
  },
};

const update: Options = {
  update: {
    type: 'string',
    value: '<url|folder>',
    doc:
      'check this repository for newer models (see "spikewire fleet"), and try them beside the present one; one is ' +
      'installed if labels show that it is not worse, or by "spikewire agent approve"; ' +
      'a missing model file is fetched from it',
  },
  'update-root': {
    type: 'string',
    value: '<file>',
    doc: "the repository's root.json, from its owner; needed at the first start",
  },
  'update-model': {
    type: 'string',
    value: '<name>',
    doc: 'name of the model in the repository (default: the name of the model file, without its extension)',
  },
  'update-channel': { type: 'string', value: '<name>', doc: 'channel of the repository', default: 'stable' },
  'update-groups': { type: 'string', value: '<name,name>', doc: 'groups that this machine belongs to' },
  'update-every': {
    type: 'string',
    value: '<seconds>',
    doc: 'average time between two checks of the repository',
    default: '3600',
  },
  'update-rate': { type: 'string', value: '<bytes>', doc: 'most bytes to download in a second (default: no limit)' },
  'update-folder': {
    type: 'string',
    value: '<folder>',
    doc: 'where downloaded models and the state of updates are kept (default: <store>-update)',
  },
};

const place: Options = {
  ...deviceOptions,
  device: { ...deviceOptions.device, doc: `${deviceOptions.device.doc} (default auto)` },
  threads: {
    type: 'string',
    value: '<n>',
    doc: 'threads that compute nets; with 0 the main thread computes them, which saves 16 MB',
    default: '1',
  },
  memory: memoryOption,
  'no-self-test': {
    type: 'boolean',
    doc: 'start without checking that the model answers its stored examples correctly here',
  },
};

const page: Options = {
  dashboard: {
    type: 'string',
    value: '<[host:]port>',
    doc: 'serve a web page with live plots at this address, such as 127.0.0.1:8080',
  },
  'dashboard-token': {
    type: 'string',
    value: '<word>',
    doc:
      'access token for the page; other users can see it in the list of processes ' +
      '(default: generated and printed if the page needs one)',
  },
  'dashboard-token-file': { type: 'string', value: '<file>', doc: 'file with the token, readable only by its owner' },
  'dashboard-viewer-token-file': {
    type: 'string',
    value: '<file>',
    doc: 'file with a second token, for viewers: it opens the page and /metrics, but allows no lessons and commands',
  },
};

const homeAssistant: Options = {
  'home-assistant': {
    type: 'string',
    value: '<prefix>',
    doc: 'announce nets for MQTT discovery below this topic, usually homeassistant; implies --retain',
  },
};

const output: Options = {
  spikes: {
    type: 'string',
    value: '<node>=<aer:address>',
    doc:
      'send the spikes of this node as address events to aer:udp://HOST:PORT, to whoever connects to ' +
      'aer:tcp://HOST:PORT, on a serial line, aer:serial:/dev/ttyUSB0, or into a new file, aer:FILE.aedat or ' +
      'aer:FILE.bin',
  },
  quiet: { type: 'boolean', doc: 'print only warnings and the statistics at the end' },
  log: { type: 'string', value: 'text|json', doc: 'format of the log on stderr', default: 'text' },
};

/** The options of `spikewire run`, by what they are about. */
export const runOptions: Options = {
  ...under('Readings', readings),
  ...under('Broker', broker),
  ...under('Learning', learning),
  ...under('Alarms', alarms),
  ...under('Store', store),
  ...under('Updates', update),
  ...under('Where it runs', place),
  ...under('Page', page),
  ...under('Home Assistant', homeAssistant),
  ...under('Output', output),
};
