import { realpath } from 'node:fs/promises';
import { parse, resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { Systemd } from '../../service/systemd.ts';
import type { UnitWord } from '../../service/unit.ts';
import { parseArguments, sharedOptions } from '../arguments.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';

const ACTIONS = ['install', 'remove', 'status'] as const;
type Action = (typeof ACTIONS)[number];

/** Files of `run` that nobody else may see, or that lie where a service sees nothing: systemd hands them over. */
const SECRETS = ['secret-file', 'mqtt-password-file', 'mqtt-ca', 'mqtt-cert', 'mqtt-key'];
const PREFIX = 'spikewire-';

/** `spikewire service`: a command line of `run` as a service of systemd, with no more rights than it needs. */
export const command: Command = {
  name: 'service',
  summary: 'keep a command line of run going as a service of systemd, hardened',
  positionals: [
    { name: 'action', doc: 'install, after -- with the words of run; remove, or status', words: ACTIONS },
    { name: 'run', doc: 'such as: -- run air.spike --in house/+/air --out house/+/air/state --learn', rest: true },
  ],
  options: {
    name: {
      type: 'string',
      value: '<name>',
      doc: `what the unit is called behind ${PREFIX}; that of the model where absent`,
    },
    user: { type: 'string', value: '<user>', doc: 'who runs it; where absent a user that exists only meanwhile' },
    print: { type: 'boolean', doc: 'print the unit and change nothing' },
  },

  async run(args, console) {
    const action = args.positionals[0] as Action;
    if (!ACTIONS.includes(action)) {
      const expected = ACTIONS.join(', ');
      throw new SpikewireError('usage', `spikewire service ${action}`, 'is nothing that can be done', expected);
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
  const [first, ...words] = args.positionals.slice(1);
  if (first !== 'run') {
    const problem = first === undefined ? 'has nothing to run' : `is to run "${first}"`;
    throw new SpikewireError('usage', 'spikewire service install', problem, '-- run <model> and its options');
  }
  const [{ command: run }, { unitText }] = await Promise.all([import('./run.ts'), import('../../service/unit.ts')]);
  const asked = parseArguments(run, words);
  const foreign = Object.keys(sharedOptions).find((option) => asked.flag(option));
  if (foreign !== undefined) {
    const where = `spikewire service install -- run --${foreign}`;
    throw new SpikewireError('usage', where, 'is nothing that a service can do', 'run <model> and its options');
  }
  const model = asked.positionals[0]!;
  const name = unitName(args.text('name') ?? parse(model).name, 'spikewire service install --name');
  const file = await realpath(model).catch(() => undefined);
  const unit = unitText({
    name,
    description: `spikewire: ${parse(model).base} on ${asked.text('in') ?? asked.text('sensor') ?? 'nothing'}`,
    user: args.text('user'),
    program: [await realpath(process.execPath), await realpath(process.argv[1]!)],
    words: [file ?? model, ...wordsOf(run, asked), '--store', { state: 'store' }],
    files: file === undefined ? [] : [file],
  });
  if (args.flag('print')) return console.result({ name, unit }, () => unit.trimEnd());
  await systemd.install(name, unit);
  console.result({ name, file: systemd.fileOf(name) }, () => [
    `${systemd.fileOf(name)}: started, and starts with this machine`,
    `journalctl -u ${name} shows what it says, spikewire service status --name ${name.slice(PREFIX.length)} how it is`,
  ]);
}

/** The options as they were given, where a service can have them. */
function wordsOf(run: Command, asked: CommandArguments): UnitWord[] {
  if (asked.text('store') !== undefined) {
    throw new SpikewireError('usage', 'spikewire service install --store', 'is given', 'the folder that systemd makes');
  }
  return Object.entries(run.options).flatMap(([option, { type, multiple, default: preset }]): UnitWord[] => {
    const word = `--${option}`;
    if (type === 'boolean') return asked.flag(option) ? [word] : [];
    const values = multiple === true ? asked.texts(option) : [asked.text(option)];
    const given = values.filter((value): value is string => value !== undefined && value !== preset);
    return given.flatMap((value) =>
      SECRETS.includes(option) ? [word, { secret: option, file: resolve(value) }] : [`${word}=${value}`],
    );
  });
}

function unitName(name: string | undefined, where: string): string {
  if (name !== undefined && /^[\w-]{1,64}$/.test(name)) return PREFIX + name;
  const problem = name === undefined ? 'is missing' : `is "${name}"`;
  throw new SpikewireError('usage', where, problem, 'up to 64 letters, digits, "-" and "_"');
}
