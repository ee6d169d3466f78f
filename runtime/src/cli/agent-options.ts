import { CARRYING } from '../agent/repository/offer.ts';
import { DEFAULT_BROKER } from '../mqtt/link/broker-address.ts';
import { under } from './arguments.ts';
import { brokerOptions } from './broker-option.ts';
import type { OptionDeclaration } from './command.ts';
import { memoryOption } from './model-argument.ts';
import { ruleOptions } from './stream-rules.ts';

type Options = Readonly<Record<string, OptionDeclaration>>;

const agent: Options = {
  repository: {
    type: 'string',
    value: '<url|folder>',
    doc:
      'repository of signed models (see "spikewire fleet") from which machines get their models, and newer ones ' +
      'later',
  },
  root: {
    type: 'string',
    value: '<file>',
    doc: "the repository's root.json, from the publisher of its models; needed at the first start",
  },
  config: {
    type: 'string',
    value: '<file>',
    doc:
      'JSON file with the machines: for each its topics or sensor, and the name of its model in the repository, such ' +
      'as {"machines": {"pump": {"stream": {"in": "p/air", "out": "p/state"}, "update": {"model": "air"}}}}; ' +
      'default: the file that "spikewire fleet configure" has published for one of --groups',
  },
  folder: {
    type: 'string',
    value: '<folder>',
    doc: 'folder for learned knowledge, downloaded models and the state of updates; each machine has a sub-folder',
    default: 'agent',
  },
  channel: { type: 'string', value: '<name>', doc: 'release channel to follow', default: 'stable' },
  groups: { type: 'string', value: '<name,name>', doc: 'groups that this device belongs to' },
  every: {
    type: 'string',
    value: '<seconds>',
    doc: 'average time between two checks of the repository, which come at random times',
    default: '3600',
  },
  rate: { type: 'string', value: '<bytes>', doc: 'most bytes to download in a second (default: no limit)' },
  memory: memoryOption,
};

const controller: Options = {
  controller: {
    type: 'string',
    value: '<url>',
    doc: 'follow this controller ("spikewire fleet serve"), which then decides which models to try and to install',
  },
  join: {
    type: 'string',
    value: '<token>',
    doc:
      'join it with a token of "spikewire fleet token"; both options are needed only at the first start, and a new ' +
      'token if the device was retired or revoked',
  },
  'join-file': { type: 'string', value: '<file>', doc: 'read the token from this file' },
  'device-name': { type: 'string', value: '<name>', doc: 'name of this device there (default: that of the computer)' },
  'controller-ca': {
    type: 'string',
    value: '<file>',
    doc: 'CA certificates that verify the certificate of the controller or its proxy (PEM; default: those of Node)',
  },
  'controller-cert': {
    type: 'string',
    value: '<file>',
    doc: 'client certificate for the proxy of the controller (PEM)',
  },
  'controller-key': {
    type: 'string',
    value: '<file>',
    doc: 'key of this client certificate (PEM), readable only by its owner',
  },
  'backup-key-file': {
    type: 'string',
    value: '<file>',
    doc:
      'let the controller keep backups of what machines have learned, encrypted for this public key of "spikewire ' +
      'fleet backup-key", so that the controller cannot read them; needed at each start (default: no backups)',
  },
  'backup-every': {
    type: 'string',
    value: '<hours>',
    doc: 'average time between two backups, which are only made when something has changed',
    default: '24',
  },
  share: {
    type: 'string',
    value: '<name,name>',
    doc:
      'machines, or models, whose lessons may help to make a better model for the fleet: sums of at least 8 labelled ' +
      'readings leave this device when the controller collects them; "agent status" shows what has left (default: none)',
  },
};

const broker: Options = {
  mqtt: {
    type: 'string',
    value: '<url>',
    doc: `broker for all machines that have no broker of their own in --config (default ${DEFAULT_BROKER})`,
  },
  ...brokerOptions,
  'secret-file': ruleOptions['secret-file'],
};

const output: Options = {
  quiet: { type: 'boolean', doc: 'print only warnings' },
  log: { type: 'string', value: 'text|json', doc: 'format of the log on stderr', default: 'text' },
};

const machine: OptionDeclaration = {
  type: 'string',
  value: '<name>',
  doc: 'the machine that the action is for; approve, rollback and retry need it if there are several (default: all)',
};
/** The same on the help pages of actions that may be about all machines, and of those that are about one. */
export const anyMachine: OptionDeclaration = { ...machine, doc: 'only for this machine (default: all)' };
export const neededMachine: OptionDeclaration = {
  ...machine,
  doc: 'the machine that the action is for (required if there are several)',
};

/** Of every action. */
export const orderOptions: Options = {
  machine,
  folder: { type: 'string', value: '<folder>', doc: 'the --folder of the running agent', default: 'agent' },
  store: { type: 'string', value: '<folder>', doc: 'instead of --folder: the --store of a "spikewire run --update"' },
  'update-folder': {
    type: 'string',
    value: '<folder>',
    doc: 'with --store: the --update-folder of that "spikewire run" (default: <store>-update)',
  },
};

export const approveOptions: Options = {
  carrying: {
    type: 'string',
    value: CARRYING.join('|'),
    doc:
      'how the new model gets what was learned: carry (all of it, if both models have the same structure and start ' +
      'from the same learned numbers; else the device teaches the new model the labelled readings that it has kept), ' +
      'rebase (the changes that learning made to the old model are added to the new model) or reset (the new model ' +
      'starts without it; the store keeps it until the next update); default: the way with the most right answers in ' +
      'the trial',
  },
};

/** Of the action `restore`. */
const ownRestoreOptions: Options = {
  yes: {
    type: 'boolean',
    doc: 'restore it; without this option, only print whose backup it is, and from when',
  },
  force: {
    type: 'boolean',
    doc: 'also restore machines that exist in --folder: what these have learned is kept in its folder .replaced',
  },
};
export const restoreOptions: Options = {
  ...ownRestoreOptions,
  folder: { type: 'string', value: '<folder>', doc: 'the --folder of the agent, which must not run', default: 'agent' },
  memory: memoryOption,
};

const { folder: _, ...withoutFolder } = orderOptions;

/** The options of `spikewire agent`, by what they are about. */
export const agentOptions: Options = {
  ...under('To watch machines', agent),
  ...under('Controller', controller),
  ...under('Broker', broker),
  ...under('Output', output),
  ...under('With an action', withoutFolder),
  ...under('With approve', approveOptions),
  ...under('With restore', ownRestoreOptions),
};
