import { realpath } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import type { Systemd } from '../../service/systemd.ts';
import type { UnitWord } from '../../service/unit.ts';
import { parseArguments, sharedOptions } from '../arguments.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';
import { serviceWords } from '../service-words.ts';
import { INSTALLABLE } from './installable.ts';

const ACTIONS = ['install', 'remove', 'status'] as const;
type Action = (typeof ACTIONS)[number];

const PREFIX = 'spikewire-';

/** `spikewire service`: a command line of `run` or `agent` as a service of systemd, with few rights. */
export const command: Command = {
  name: 'service',
  summary: 'make systemd start "spikewire run" or "spikewire agent" at boot, with restricted permissions',
  group: 'Operate',
  positionals: [
    {
      name: 'action',
      doc: 'install, remove or status; install and remove need sudo; install needs -- and then the command',
      words: ACTIONS,
    },
    {
      name: 'command',
      doc:
        'run or agent with its options, such as -- run air.spike --in house/+/air --out house/+/air/state --learn, ' +
        'or -- agent --repository https://models.example/site --root root.json --config agent.json',
      rest: true,
    },
  ],
  options: {
    name: {
      type: 'string',
      value: '<name>',
      doc: `the unit is called ${PREFIX}<name> (default: the name of the model, or agent)`,
    },
    user: {
      type: 'string',
      value: '<user>',
      doc: 'user that runs the service (default: a temporary user, which systemd creates)',
    },
    print: { type: 'boolean', doc: 'print the unit and change nothing' },
  },

  async run(args, console) {
    const action = args.positionals[0] as Action;
    const { Systemd } = await import('../../service/systemd.ts');
    const systemd = new Systemd();
    if (action === 'install') return install(args, console, systemd);
    const name = unitName(args.text('name'), 'spikewire service --name');
    if (action === 'remove') {
      await systemd.remove(name);
      return console.result({ removed: name }, () => `${name}: removed; what it has learned is in /var/lib/${name}`);
    }
    const state = await systemd.state(name);
    return console.result({ name, ...state }, () =>
      Object.entries(state).map(([property, value]) => `${property.padEnd(14)} ${value}`),
    );
  },
};

async function install(args: CommandArguments, console: CommandConsole, systemd: Systemd): Promise<void> {
  const [first, ...line] = args.positionals.slice(1);
  const installable = first === undefined ? undefined : INSTALLABLE[first];
  if (installable === undefined) {
    const problem = first === undefined ? 'has no command to run' : `cannot run "${first}"`;
    const expected = Object.values(INSTALLABLE).map((each) => `-- ${each.expected}`);
    throw new SpikewireError('usage', 'spikewire service install', problem, expected.join(', or '));
  }
  const [started, { unitText }, { packagesNamedHere }] = await Promise.all([
    installable.load(),
    import('../../service/unit.ts'),
    import('../../extensions/packages.ts'),
  ]);
  const asked = parseArguments(started, line);
  const foreign = Object.keys(sharedOptions).find((option) => asked.flag(option));
  if (foreign !== undefined) {
    const where = `spikewire service install -- ${first} --${foreign}`;
    throw new SpikewireError('usage', where, 'cannot be used in a service', installable.expected);
  }
  const words = serviceWords(started, asked, installable.state, process.env);
  installable.check(asked);
  const name = unitName(args.text('name') ?? installable.nameOf(asked), 'spikewire service install --name');
  const files = await filesOf(asked, installable.files);
  const absent = installable.needs(asked).find((path) => !files.has(path));
  if (absent !== undefined) throw new SpikewireError('file', absent, 'does not exist', 'a model file');
  const inPlace = (word: UnitWord) => {
    const option = installable.files.find((each) => word === `--${each}=${asked.text(each)}`);
    return option === undefined ? word : `--${option}=${files.get(asked.text(option)!) ?? asked.text(option)}`;
  };
  const unit = unitText({
    name,
    description: `spikewire: ${installable.describe(asked)}`,
    user: args.text('user'),
    program: [await realpath(process.execPath), await realpath(process.argv[1]!)],
    words: [
      ...[first!, ...asked.positionals.map((word) => files.get(word) ?? word), ...words.map(inPlace)],
      ...[`--${installable.state}`, { state: installable.state }],
    ],
    files: [...new Set(files.values())],
    packages: await packagesNamedHere(),
  });
  if (args.flag('print')) return console.result({ name, unit }, () => unit.trimEnd());
  await systemd.install(name, unit);
  console.result({ name, file: systemd.fileOf(name) }, () => [
    `${systemd.fileOf(name)}: started, and starts with this device`,
    `journalctl -u ${name} shows its log, spikewire service status --name ${name.slice(PREFIX.length)} how it is`,
  ]);
}

/**
 * Where the files lie that a command names among its words or in some options. What is no file here is a model that
 * comes with spikewire, or the address of a repository.
 */
async function filesOf(asked: CommandArguments, options: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const given = [...asked.positionals, ...options.map((option) => asked.text(option))];
  const files = new Map<string, string>();
  for (const path of given) {
    const file = path === undefined ? undefined : await realpath(path).catch(() => undefined);
    if (file !== undefined) files.set(path!, file);
  }
  return files;
}

function unitName(name: string | undefined, where: string): string {
  if (name !== undefined && /^[\w-]{1,64}$/.test(name)) return PREFIX + name;
  const problem = name === undefined ? 'is missing' : `is "${name}"`;
  throw new SpikewireError('usage', where, problem, 'up to 64 letters, digits, "-" and "_"');
}
