import { resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { brokerOptions, type CommandArguments, type CommandConsole, readBroker } from 'spikewire/cli';
import type { Controller } from '../controller/serve.ts';
import type { Action } from './action.ts';
import { rootIn } from './root-file.ts';

const DEFAULT_FOLDER = 'controller';
const DEFAULT_PORT = 8080;
const MOST_PORTS = 65_535;

export const serveAction: Action = {
  name: 'serve',
  doc: 'run a controller: devices report to it, and people roll out models with it',
  options: [
    'folder',
    'database',
    'host',
    'port',
    'repository',
    'root',
    'every',
    'backup-space',
    'mqtt',
    ...Object.keys(brokerOptions),
    'behind-proxy',
    'renew-token',
  ],
  docs: { root: 'the root.json of the repository, which the controller trusts (required with --repository)' },

  async run(_, args, console) {
    const { startController } = await import('../controller/serve.ts');
    const { MOST_REPORT_SECONDS } = await import('../controller/reports/interval.ts');
    const host = args.text('host') ?? '127.0.0.1';
    const { signal } = console;
    const controller = await startController({
      ...{ folder: args.text('folder') ?? DEFAULT_FOLDER, database: args.text('database'), host },
      port: args.number('port', { minimum: 0, maximum: MOST_PORTS, whole: true }) ?? DEFAULT_PORT,
      repository: await repositoryOf(args),
      every: args.number('every', { minimum: 1, maximum: MOST_REPORT_SECONDS }),
      broker: await brokerOf(args, console),
      backupSpace: args.bytes('backup-space'),
      ...{ isBehindProxy: args.flag('behind-proxy'), renewsToken: args.flag('renew-token') },
      warn: (line) => console.warn(`spikewire: ${line}`, 'controller'),
    });
    try {
      await tell(controller, host, console);
      const ended = new Promise((end) => signal.addEventListener('abort', end, { once: true }));
      if (!signal.aborted) await Promise.race([ended, controller.outdated]);
    } finally {
      await controller.close();
    }
  },
};

async function repositoryOf(args: CommandArguments) {
  const address = args.text('repository');
  if (address === undefined && args.text('root') === undefined) return undefined;
  const where = 'spikewire fleet serve';
  if (address === undefined)
    throw new SpikewireError('usage', `${where} --root`, 'is given without --repository', 'both of them');
  return { address, root: await rootIn(args.needed('root', 'the root.json of the repository')) };
}

async function brokerOf(args: CommandArguments, console: CommandConsole) {
  if (args.text('mqtt') !== undefined) return readBroker(args, process.env, console);
  const alone = Object.keys(brokerOptions).find((option) => args.text(option) !== undefined);
  if (alone === undefined) return undefined;
  throw new SpikewireError('usage', `spikewire fleet serve --${alone}`, 'needs a broker', '--mqtt <url>');
}

async function tell({ port, tokenFile }: Controller, host: string, console: CommandConsole): Promise<void> {
  const { isLoopback } = await import('spikewire/dashboard');
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  const file = tokenFile === undefined ? null : resolve(tokenFile);
  if (console.json) console.document({ address, port, tokenFile: file });
  else console.say(`controller: ${address}`);
  if (file !== null && !console.json) console.say(`the token of the administrator is in ${file}, readable only by you`);
  const advice = isLoopback(host)
    ? 'for other machines, put a proxy with TLS before it, such as Caddy ("reverse_proxy"), and add --behind-proxy'
    : 'tokens cross the network in clear: put a proxy with TLS before it, and listen on 127.0.0.1';
  console.tell(`spikewire: ${advice}`, 'controller');
}
