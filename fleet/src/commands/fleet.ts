import { SpikewireError } from '@spikewire/models';
import type { Command, OptionDeclaration } from 'spikewire/cli';
import type { Action } from './action.ts';
import { initAction } from './init.ts';
import { publishAction, withdrawAction } from './publish.ts';
import { renewAction, rotateAction, signAction } from './sign.ts';
import { verifyAction } from './verify.ts';

const ACTIONS: readonly Action[] = [
  initAction,
  publishAction,
  withdrawAction,
  signAction,
  renewAction,
  rotateAction,
  verifyAction,
];

const text = (value: string, doc: string): OptionDeclaration => ({ type: 'string', value, doc });
const texts = (value: string, doc: string): OptionDeclaration => ({ ...text(value, doc), multiple: true });

/** `spikewire fleet`: a repository of signed models as files, from which devices update themselves. */
export const fleet: Command = {
  name: 'fleet',
  summary: 'publish signed models in a folder, from which devices update themselves',
  group: 'Operate',
  examples: [
    'init site --keys keys',
    'publish pump.spike --to site --keys keys --channel stable --for mill',
    'verify https://example.org/models --root root.json',
  ],
  positionals: [
    { name: 'action', doc: ACTIONS.map(({ name, doc }) => `${name}: ${doc}`).join('; '), words: ACTIONS.map(nameOf) },
    {
      name: 'subject',
      doc:
        'for init, sign and renew: the folder of the repository; for verify: its folder or URL; for publish: a model ' +
        'file; for withdraw: the published name; for rotate: root, targets, snapshot or timestamp',
    },
  ],
  options: {
    to: text('<folder>', 'repository to change (required for publish, withdraw and rotate)'),
    keys: text(
      '<folder>',
      'folder with the private keys, outside the repository (required for all actions except verify)',
    ),
    channel: text('<name>', 'channel that devices follow, such as stable or beta (default: stable)'),
    for: texts('<group>', 'group of devices that gets the model; may be repeated (default: all devices)'),
    name: text(
      '<name>',
      'name of the model for devices, the same in all its versions (default: file name without .spike)',
    ),
    learned: text(
      '<words>',
      'what may become of what a device has learned: carry (it continues whole if the models allow it, else the ' +
        'kept lessons are taught again), rebase (the learned difference is added to the new model), reset (the new ' +
        'model starts without it); separated by commas (default: all three)',
    ),
    base: texts(
      '<sha256|file>',
      'a former model, as its SHA-256 or its file; if all are files, ways of --learned that are possible from none ' +
        'of them are left out; may be repeated',
    ),
    'root-keys': text('<m>/<n>', 'for init: m of n root keys must sign (default: 1/2)'),
    'targets-keys': text('<m>/<n>', 'for init: m of n targets keys must sign (default: 1/1)'),
    valid: texts(
      '<role>=<days>',
      'for init: days until the file expires that a role (root, targets, snapshot, timestamp) signs, ' +
        'such as timestamp=7; may be repeated',
    ),
    root: text(
      '<file>',
      'for verify: the root.json that devices trust (default: the first one of the repository, so a forged ' +
        'repository is not detected)',
    ),
    'passphrase-file': text(
      '<file>',
      'file with the passphrase of the root and targets keys, readable only by its owner',
    ),
  },

  async run(args, console) {
    const [name, subject] = args.positionals as [string, string];
    const action = ACTIONS.find((each) => each.name === name);
    if (action === undefined) {
      throw new SpikewireError('usage', `spikewire fleet ${name}`, 'is not an action', ACTIONS.map(nameOf).join(', '));
    }
    const given = Object.keys(fleet.options).filter((option) => args.texts(option).length > 0);
    const other = given.find((option) => !action.options.includes(option));
    if (other !== undefined) {
      const expected = action.options.map((option) => `--${option}`).join(', ');
      throw new SpikewireError('usage', `spikewire fleet ${name} --${other}`, 'has no effect', expected);
    }
    await action.run(subject, args, console);
  },
};

function nameOf({ name }: Action): string {
  return name;
}
