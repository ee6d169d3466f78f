import { brokerOptions, type Command, type OptionDeclaration, pickOptions, under } from 'spikewire/cli';
import type { Action } from './action.ts';
import { backupAction, restoreAction } from './backup.ts';
import { backupKeyAction } from './backup-key.ts';
import { configureAction } from './configure.ts';
import { DEFAULT_CONTROLLER, DEFAULT_TOKEN_FILE } from './controller/client.ts';
import { devicesAction } from './devices.ts';
import { doctorAction } from './doctor.ts';
import { historyAction } from './history.ts';
import { initAction } from './init.ts';
import { peopleAction } from './people.ts';
import { publishAction, withdrawAction } from './publish.ts';
import { rolloutAction } from './rollout.ts';
import { roundAction } from './round.ts';
import { serveAction } from './serve.ts';
import { renewAction, rotateAction, signAction } from './sign.ts';
import { tokenAction } from './token.ts';
import { verifyAction } from './verify.ts';

const ACTIONS: readonly Action[] = [
  initAction,
  publishAction,
  configureAction,
  withdrawAction,
  signAction,
  renewAction,
  rotateAction,
  verifyAction,
  serveAction,
  tokenAction,
  devicesAction,
  rolloutAction,
  roundAction,
  peopleAction,
  historyAction,
  doctorAction,
  backupAction,
  restoreAction,
  backupKeyAction,
];

const text = (value: string, doc: string): OptionDeclaration => ({ type: 'string', value, doc });
const flag = (doc: string): OptionDeclaration => ({ type: 'boolean', doc });
const texts = (value: string, doc: string): OptionDeclaration => ({ ...text(value, doc), multiple: true });

/** What options say on the help page of an action that has them. */
const NEEDED: Readonly<Record<string, string>> = {
  to: 'repository to change (required)',
  keys: 'folder with the private keys, outside the repository (required)',
};

/** Those of all actions. */
const options: Readonly<Record<string, OptionDeclaration>> = {
  to: text(
    '<folder>',
    'repository to change (required for publish, configure, withdraw and rotate; for the others it is <subject>)',
  ),
  keys: text('<folder>', 'folder with the private keys, outside the repository (required for actions that sign)'),
  'passphrase-file': text(
    '<file>',
    'file with the passphrase of the root and targets keys, readable only by its owner',
  ),
  ...under('Only for init', {
    'root-keys': text('<m>/<n>', 'm of n root keys must sign (default: 1/2)'),
    'targets-keys': text('<m>/<n>', 'm of n targets keys must sign (default: 1/1)'),
    valid: texts(
      '<role>=<days>',
      'days until a file signed by this role (root, targets, snapshot or timestamp) expires, such as timestamp=7; ' +
        'may be repeated',
    ),
  }),
  ...under('Only for publish and configure', {
    for: texts(
      '<group>',
      'group of devices that gets the file (publish: may be repeated, default: all devices; ' +
        'configure: exactly one, required)',
    ),
  }),
  ...under('Only for publish and round', {
    channel: text('<name>', 'release channel that devices follow, such as stable or beta (default: stable)'),
  }),
  ...under('Only for publish', {
    name: text(
      '<name>',
      'name of the model for devices, the same in all its versions (default: file name without .spike)',
    ),
    learned: text(
      '<words>',
      'ways in which the new model may get what a device has learned, separated by commas: carry (all of it, if both ' +
        'models have the same structure and start from the same learned numbers; else the device teaches the new ' +
        'model the labelled readings that it has kept), rebase (the changes that learning made to the old model are ' +
        'added to the new model), reset (the new model starts without it) (default: all three)',
    ),
    base: texts(
      '<sha256|file>',
      'an earlier model that some devices perhaps still run, as its SHA-256 or its file; if all are files, publish ' +
        'removes each way of --learned that is impossible from all of them; may be repeated',
    ),
  }),
  ...under('Only for verify and serve', {
    root: text(
      '<file>',
      'the root.json that devices trust (serve: required with --repository; verify: the default is the first of the ' +
        'repository itself, so a forged repository is not detected)',
    ),
  }),
  ...under('Only for serve, backup and restore', {
    folder: text('<folder>', 'folder of the controller, with its database (default: controller)'),
    database: text(
      '<file|url>',
      'database in another place: a file, or postgres://<user>@<host>/<database> with the password in PGPASSWORD ' +
        '(default: controller.db in the folder)',
    ),
  }),
  ...under('Only for serve', {
    host: text('<address>', 'address to listen on (default: 127.0.0.1, which only this machine reaches)'),
    port: text('<number>', 'port to listen on (default: 8080; 0: a free one)'),
    repository: text('<folder|url>', 'repository of models, from which people choose what to roll out'),
    every: text('<seconds>', 'mean time between two reports of a device (default: 300)'),
    mqtt: text('<url>', 'broker by which devices are told to ask for their new orders at once (default: none)'),
    ...brokerOptions,
    'backup-space': text('<bytes>', 'space for backups of devices (default: 4G; 0: take no backups)'),
    'behind-proxy': flag('a proxy names the addresses of clients, at the end of x-forwarded-for'),
    'renew-token': flag('make a new token for the administrator, for example if the old one is lost'),
  }),
  ...under('Only for actions that talk to a running controller', {
    controller: text('<url>', `its address (default: ${DEFAULT_CONTROLLER})`),
    'controller-ca': text(
      '<file>',
      'CA certificates that verify the certificate of the controller or its proxy (PEM; default: those of Node)',
    ),
    'token-file': text(
      '<file>',
      `file with your token, readable only by its owner (default: ${DEFAULT_TOKEN_FILE}, which serve has written)`,
    ),
    label: texts(
      '<key>=<value>',
      'token: label of the devices that join with it; devices: list only devices with it; may be repeated',
    ),
    hours: text('<number>', 'hours for which the token can be used (default: 24)'),
    uses: text('<number>', 'devices that can join by the token (default: 1)'),
    search: text('<text>', 'list only devices with this in their names, or at the beginning of their ids'),
    health: text('<health>', 'list only devices that are reporting, problem, silent, retired or revoked'),
    limit: text('<number>', 'devices, rollout and history: list at most so many'),
    role: text(
      '<role>',
      'role of the person: look, operate, release or administer; each includes the rights of the ones before it',
    ),
    'recovery-key': text('<file>', 'devices fetch-backup: private key that "fleet backup-key" has made (required)'),
    'backup-number': text(
      '<number>',
      'devices fetch-backup: an older backup, by the number that show prints (default: the newest)',
    ),
    sha256: text(
      '<hex>',
      'round begin: SHA-256 of the model file that devices run (default: of the one that the repository offers)',
    ),
    cohort: text('<number>', 'round begin: devices that a result needs, at least; 3 or more (default: 10)'),
    most: text('<number>', 'round begin: parts with which the round closes (default: 200)'),
    fewest: text('<number>', 'round begin: lessons that a device must have, at least; 8 or more (default: 8)'),
    days: text('<number>', 'round begin: days after which the round closes at the latest; up to 30 (default: 7)'),
    method: text(
      '<method>',
      'round begin: checked-sum (add parts up, without those that a check finds wrong) or sum (default: checked-sum)',
    ),
    out: text('<file>', 'round fetch: new file for the model (required)'),
    about: text('<id>', 'print only what was done to this device, rollout or round'),
    'since-head': text(
      '<file>',
      'file that keeps the newest entry of the history; the next run with it notices if somebody has changed that ' +
        'entry or one before it',
    ),
  }),
};

/** `spikewire fleet`: a repository of signed models, from which devices update themselves, and a controller of them. */
export const fleet: Command = {
  name: 'fleet',
  summary: 'publish signed models, from which devices update themselves; control a fleet of devices',
  group: 'Operate',
  examples: [
    'init site --keys keys',
    'publish pump.spike --to site --keys keys --channel stable --for mill',
    'verify https://example.org/models --root root.json',
    'serve --repository site --root keys/trusted/root.json',
    'token --label site=mill --uses 20',
    'rollout begin rollout.json',
  ],
  positionals: [
    { name: 'action', doc: 'what to do, see below', words: ACTIONS.map(nameOf) },
    {
      name: 'subject',
      doc: 'what the action works on: a folder, file, URL, model or role; "spikewire fleet <action> --help" says which',
      rest: true,
    },
  ],
  options,
  actions: ACTIONS.map(({ name, doc, subject, more = [], options: names, docs }) => {
    const own = Object.entries(pickOptions(options, names)).map(([option, declaration]) => {
      return [option, { ...declaration, doc: docs?.[option] ?? NEEDED[option] ?? declaration.doc }];
    });
    return {
      name,
      doc,
      positionals: subject === undefined ? [] : [subject, ...more],
      options: Object.fromEntries(own),
    };
  }),
  listing: async () => ({
    title: 'Roles of keys (The Update Framework)',
    rows: [
      ['root', 'signs the list of all keys and their roles (root.json); keep its keys offline'],
      ['targets', 'signs the list of models (targets.json); keep its keys offline'],
      ['snapshot', 'signs which version of that list is valid (snapshot.json)'],
      [
        'timestamp',
        'signs which snapshot is the newest (timestamp.json), for 30 days by default; "fleet renew" signs it again',
      ],
    ],
  }),

  async run(args, console) {
    const [name, subject] = args.positionals as [string, string];
    await ACTIONS.find((each) => each.name === name)!.run(subject, args, console);
  },
};

function nameOf({ name }: Action): string {
  return name;
}
