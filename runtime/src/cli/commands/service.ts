import { realpath } from 'node:fs/promises';
import { parse } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { Systemd } from '../../service/systemd.ts';
import type { UnitWord } from '../../service/unit.ts';
import { parseArguments, sharedOptions } from '../arguments.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';
import { serviceWords } from '../service-words.ts';

const ACTIONS = ['install', 'remove', 'status'] as const;
type Action = (typeof ACTIONS)[number];

const PREFIX = 'spikewire-';

/** `spikewire service`: a command line of `run` as a service of systemd, with no more rights than it needs. */
export const command: Command = {
  name: 'service',
  summary: 'make systemd start "spikewire run" at boot, with few rights',
  group: 'Operate',
  positionals: [
    { name: 'action', doc: 'install, remove or status; install needs -- and then a run command', words: ACTIONS },
    {
      name: 'run',
      doc: 'the command to install, such as -- run air.spike --in house/+/air --out house/+/air/state --learn',
      rest: true,
    },
  ],
  options: {
    name: {
      type: 'string',
      value: '<name>',
      doc: `name of the unit, ${PREFIX}<name> (default: the name of the model)`,
    },
    user: {
      type: 'string',
      value: '<user>',
      doc: 'user that runs the service (default: a temporary one, made by systemd)',
    },
    print: { type: 'boolean', doc: 'print the unit and change nothing' },
  },

  async run(args, console) {
    const action = args.positionals[0] as Action;
    if (!ACTIONS.includes(action)) {
      const expected = ACTIONS.join(', ');
      throw new SpikewireError('usage', `spikewire service ${action}`, 'is not an action', expected);
    }
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
  if (first !== 'run') {
    const problem = first === undefined ? 'has nothing to run' : `is to run "${first}"`;
    throw new SpikewireError('usage', 'spikewire service install', problem, '-- run <model> and its options');
  }
  const [{ command: run }, { unitText }, { packagesNamedHere }] = await Promise.all([
    import('./run.ts'),
    import('../../service/unit.ts'),
    import('../../extensions/packages.ts'),
  ]);
  const asked = parseArguments(run, line);
  const foreign = Object.keys(sharedOptions).find((option) => asked.flag(option));
  if (foreign !== undefined) {
    const where = `spikewire service install -- run --${foreign}`;
    throw new SpikewireError('usage', where, 'cannot be used in a service', 'run <model> and its options');
  }
  const words = serviceWords(run, asked, process.env);
  const model = asked.positionals[0]!;
  const name = unitName(args.text('name') ?? parse(model).name, 'spikewire service install --name');
  const [file, beside] = await Promise.all([model, asked.text('beside')].map(fileOf));
  const inPlace = (word: UnitWord) =>
    word === `--beside=${asked.text('beside')}` ? `--beside=${beside ?? asked.text('beside')}` : word;
  const unit = unitText({
    name,
    description: `spikewire: ${parse(model).base} on ${asked.text('in') ?? asked.text('sensor') ?? 'nothing'}`,
    user: args.text('user'),
    program: [await realpath(process.execPath), await realpath(process.argv[1]!)],
    words: [file ?? model, ...words.map(inPlace), '--store', { state: 'store' }],
    files: [file, beside].filter((path) => path !== undefined),
    packages: await packagesNamedHere(),
  });
  if (args.flag('print')) return console.result({ name, unit }, () => unit.trimEnd());
  await systemd.install(name, unit);
  console.result({ name, file: systemd.fileOf(name) }, () => [
    `${systemd.fileOf(name)}: started, and starts with this machine`,
    `journalctl -u ${name} shows what it says, spikewire service status --name ${name.slice(PREFIX.length)} how it is`,
  ]);
}

/** Where the file of a model lies; undefined for a model that comes with spikewire. */
async function fileOf(model: string | undefined): Promise<string | undefined> {
  return model === undefined ? undefined : realpath(model).catch(() => undefined);
}

function unitName(name: string | undefined, where: string): string {
  if (name !== undefined && /^[\w-]{1,64}$/.test(name)) return PREFIX + name;
  const problem = name === undefined ? 'is missing' : `is "${name}"`;
  throw new SpikewireError('usage', where, problem, 'up to 64 letters, digits, "-" and "_"');
}
