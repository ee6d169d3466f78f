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
      'topic of the readings; with "+", each topic that matches gets its own copy of the model (a net), which learns ' +
      'for itself (required, or --sensor)',
  },
  sensor: {
    type: 'string',
    value: '<driver:address>',
    doc: 'read a sensor of this device instead; "spikewire devices" lists them',
  },
  interval: { type: 'string', value: '<seconds>', doc: 'polling interval of --sensor', default: '5' },
  ...readingOptions,
  join: {
    type: 'string',
    value: '<seconds>',
    doc:
      'merge the topics below --in, one for each channel, into one reading; a value counts as missing after this ' +
      'time (write --in without "/#")',
  },
  only,
  nets: {
    type: 'string',
    value: '<n>',
    doc:
      'with "+" in --in: keep at most n nets in memory; if another one is needed, ' +
      'a net without recent readings is saved in --store and closed (default: as many as --memory holds)',
  },
};

const broker: Options = {
  mqtt: { type: 'string', value: '<url>', doc: `broker (default ${DEFAULT_BROKER}, with --in or --out)` },
  out: {
    type: 'string',
    value: '<topic>',
    doc:
      'topic to which results are published; each "+" is replaced by the name that matched the "+" of --in ' +
      '(required with --in)',
  },
  ...brokerOptions,
  qos: {
    type: 'string',
    value: '0|1',
    doc: '1: the broker queues readings while this device is busy; 0: excess readings are dropped and counted',
    default: '1',
  },
  retain: { type: 'boolean', doc: 'retain results, so that the broker gives the last one to later subscribers' },
  'client-id': {
    type: 'string',
    value: '<name>',
    doc: 'MQTT client id (default: made from the host name and the topic, so a restart does not change it)',
  },
};

const learning: Options = {
  learn: {
    type: 'boolean',
    doc:
      'keep learning from readings and labels ' +
      '(default: learn only the usual range of each channel, in the warm-up, and nothing else)',
  },
  'lessons-per-day': {
    type: 'string',
    value: '<n>',
    doc: 'for a net that labels can teach: accept at most n lessons (labels) a day (UTC)',
    default: String(LESSONS_PER_DAY),
  },
  ...permissions,
  beside: {
    type: 'string',
    value: '<model>',
    doc:
      'run a second model for comparison: it gets the same readings and lessons, but its answers are not published; ' +
      'page, log and --json compare both; --memory limits each model separately',
  },
  seed: { type: 'string', value: '<n>', doc: 'random seed', default: '1' },
};

const alarms: Options = {
  'warm-up': {
    type: 'string',
    value: '<readings>',
    doc:
      'readings from which a net learns what is usual; until then it gives an alarm only for a value far outside all ' +
      'earlier ones (default: the number in the model; if these take more than an hour, the readings of an hour, ' +
      'at least 200)',
  },
  ...monitorOptions,
};

const store: Options = {
  store: {
    type: 'string',
    value: '<folder>',
    doc: 'folder (the store) that keeps what is learned, even after a power failure (default: kept in memory only)',
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
    doc: 'most bytes to write in 24 hours, to spare the SD card; the command "save" may exceed this',
    default: '512M',
  },
  'save-every': {
    type: 'string',
    value: '<seconds>',
    doc: 'shortest time between two saves; lessons and commands are saved within a second',
    default: '60',
  },
  'on-new-model': {
    type: 'string',
    value: NEW_MODEL_POLICIES.join('|'),
    doc:
      'what to do if the store was filled by another model than <model>: keep (the new model starts from zero; the ' +
      'store keeps what the old model learned, for the old model), rebase (the new model continues with what the old ' +
      'model learned, if both have the same structure, inputs and learning rules; else as keep) or reset (delete ' +
      'what the old model learned)',
    default: 'keep',
  },
};

const update: Options = {
  update: {
    type: 'string',
    value: '<url|folder>',
    doc:
      'repository of signed models (see "spikewire fleet") to check for newer models; a newer model first runs on ' +
      'trial: it gets the same readings, but its answers are not published; it is installed when labels show that it ' +
      'is not worse, or (always, for a model that no labels teach) by "spikewire agent approve"; if the file <model> ' +
      'does not exist, it is downloaded too; needs --store',
  },
  'update-root': {
    type: 'string',
    value: '<file>',
    doc: "the repository's root.json, from the publisher of its models; needed at the first start",
  },
  'update-model': {
    type: 'string',
    value: '<name>',
    doc: 'name of the model in the repository (default: the name of the model file, without its extension)',
  },
  'update-channel': { type: 'string', value: '<name>', doc: 'release channel to follow', default: 'stable' },
  'update-groups': { type: 'string', value: '<name,name>', doc: 'groups that this device belongs to' },
  'update-every': {
    type: 'string',
    value: '<seconds>',
    doc: 'average time between two checks of the repository, which come at random times',
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
    doc: 'worker threads that compute nets; with 0, the main thread computes them, which saves 16 MB of memory',
    default: '1',
  },
  memory: memoryOption,
  'no-self-test': {
    type: 'boolean',
    doc: 'start without the check that the model answers its stored examples correctly on this device',
  },
};

const page: Options = {
  dashboard: {
    type: 'string',
    value: '<[host:]port>',
    doc: 'serve a web page (the page) with live plots at this address, such as 127.0.0.1:8080',
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
    doc:
      'file with a second token, for viewers: it opens the page and /metrics, but allows neither lessons nor ' +
      'commands',
  },
};

const homeAssistant: Options = {
  'home-assistant': {
    type: 'string',
    value: '<prefix>',
    doc:
      'announce each net to Home Assistant by MQTT discovery below this topic, usually homeassistant; implies ' +
      '--retain',
  },
};

const output: Options = {
  spikes: {
    type: 'string',
    value: '<node>=<aer:address>',
    doc:
      'send the spikes of this node (a part of the net; "spikewire inspect" lists them) as address events (AER, for ' +
      'neuromorphic devices) to ' +
      'aer:udp://HOST:PORT, to every client that connects to aer:tcp://HOST:PORT, on a serial line, ' +
      'aer:serial:/dev/ttyUSB0, or into a new file, aer:FILE.aedat or ' +
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
