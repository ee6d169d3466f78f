import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { SpikewireError } from 'spikewire';
import { type BrokerAddress, parseBrokerAddress } from 'spikewire/mqtt';
import { demoCredentials, demoFlow } from './flow.ts';

export interface FlowOptions {
  /** Broker of the motes, `mqtt://[user[:password]@]host[:port]`, or mqtts, ws, wss. */
  readonly mqtt: string;
  /** Folder of this Node-RED, its flow and what its nets learned; made where it does not exist. */
  readonly userDir: string;
  /** Port on 127.0.0.1; 0, or one that is in use: a free one instead. */
  readonly port: number;
  /** Whether what nets learned there before is forgotten. Default false. */
  readonly fresh?: boolean;
  /** What the nets have instead of the model's; see `spikewire-net`. */
  readonly sensitivity?: number;
  readonly holdOff?: number;
}

export interface Flow {
  /** Version of Node-RED. */
  readonly version: string;
  readonly port: number;
  /** Where the flow can be seen and changed. */
  readonly url: string;
  /** The page that the flow serves. */
  readonly page: string;
  /** Resolves, however it ended, with a line that says so. */
  readonly ended: Promise<string>;
  /** Ends Node-RED, which saves what was learned. */
  close(): Promise<void>;
}

const PALETTE = '@spikewire/node-red-spikewire';
/** Node-RED loads all its nodes first; on a small device that takes its time. */
const LONGEST_START = 60_000;

/**
 * Starts a Node-RED of its own, in a process beside this one and not for longer than it, with the sensor demo as a flow
 * that is subscribed to the motes. Rejects with `unsupported` where Node-RED is not installed or does not start.
 */
export async function startFlow(options: FlowOptions): Promise<Flow> {
  const { script, version } = findNodeRed();
  const folder = resolve(options.userDir);
  const broker = parseBrokerAddress(options.mqtt);
  const { credentials, environment } = demoCredentials(broker);
  await prepare(folder, broker, credentials, options);
  const port = await freePort(options.port);
  const nodeRed = spawnNodeRed(script, folder, port, environment);
  const ended = once(nodeRed, 'exit').then(
    ([code, signal]) => `Node-RED ended (${signal ?? `code ${code}`})`,
    (cause: Error) => `Node-RED could not be started (${cause.message})`,
  );
  const close = async () => {
    if (nodeRed.exitCode === null && nodeRed.signalCode === null) nodeRed.kill('SIGTERM');
    await ended;
  };
  try {
    await hears(nodeRed, ended, /Connected to broker/);
  } catch (failure) {
    await close();
    throw failure;
  }
  const url = `http://127.0.0.1:${port}/`;
  return { version, port, url, page: `${url}motes`, ended, close };
}

/** In a group of its own, so that Ctrl-C is for whoever started it, who then ends it. */
function spawnNodeRed(
  script: string,
  folder: string,
  port: number,
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const words = [script, '--userDir', folder, '--port', String(port), '--no-telemetry'];
  const env = { ...process.env, ...environment };
  return spawn(process.execPath, words, { cwd: folder, stdio: 'pipe', detached: true, env });
}

/** The port itself where nobody has it, else one that the system gives. */
async function freePort(port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (failure) {
    if (port === 0) throw failure;
    return freePort(0);
  }
  const { port: given } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return given;
}

/** The Node-RED that is installed beside this package or in the working folder. */
function findNodeRed(): { readonly script: string; readonly version: string } {
  for (const from of [import.meta.url, join(process.cwd(), 'here.js')]) {
    try {
      const require = createRequire(from);
      const folder = dirname(dirname(require.resolve('node-red')));
      return { script: join(folder, 'red.js'), version: require(join(folder, 'package.json')).version };
    } catch {
      // Looked for in the next place.
    }
  }
  throw new SpikewireError('unsupported', 'Node-RED', 'is not installed', 'npm install node-red');
}

function folderOfPalette(): string {
  return dirname(createRequire(import.meta.url).resolve(`${PALETTE}/package.json`));
}

/** A user folder with the palette in it, and the flow. */
async function prepare(
  folder: string,
  broker: BrokerAddress,
  credentials: object,
  { fresh = false, ...settings }: FlowOptions,
): Promise<void> {
  // Where `spikewire-net` keeps what it learns.
  if (fresh) await rm(join(folder, 'spikewire'), { recursive: true, force: true });
  const palette = join(folder, 'node_modules', PALETTE);
  await mkdir(dirname(palette), { recursive: true });
  // One that is there may be from before that package was moved.
  await rm(palette, { recursive: true, force: true });
  await symlink(folderOfPalette(), palette, 'junction');
  await writeFile(join(folder, 'package.json'), '{ "name": "spikewire-demo", "private": true }\n');
  await writeFile(join(folder, 'settings.js'), SETTINGS);
  await writeFile(join(folder, 'flows.json'), JSON.stringify(demoFlow(broker, settings), undefined, 2));
  await writeFile(join(folder, 'flows_cred.json'), JSON.stringify(credentials));
}

/**
 * Whoever started it holds its input open: when that ends, however it does, this ends as well and leaves its stores to
 * the next.
 */
const SETTINGS = `process.stdin.resume().on('close', () => process.kill(process.pid, 'SIGKILL'));

module.exports = {
  flowFile: 'flows.json',
  uiHost: '127.0.0.1',
  credentialSecret: false,
  editorTheme: { tours: false },
};
`;

/** Resolves when it logs such a line; keeps reading after that, so that it never waits for a reader. */
function hears(nodeRed: ChildProcess, ended: Promise<string>, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let tail = '';
    const fail = (problem: string) => {
      clearTimeout(timer);
      reject(
        new SpikewireError('unsupported', 'Node-RED', `${problem}: ${lastLine(tail)}`, 'a start with a connection'),
      );
    };
    const timer = setTimeout(() => fail('did not connect to the broker'), LONGEST_START);
    const read = (chunk: Buffer) => {
      tail = (tail + chunk).slice(-1000);
      if (!pattern.test(tail)) return;
      clearTimeout(timer);
      resolve();
    };
    nodeRed.stdout!.on('data', read);
    nodeRed.stderr!.on('data', read);
    void ended.then(fail);
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!.trim();
}
