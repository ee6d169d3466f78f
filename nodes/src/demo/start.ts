import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpikewireError } from 'spikewire';
import { demoFlow } from './flow.ts';

export interface NodeRedDemoOptions {
  /** Broker of the motes, `mqtt://host:port`. */
  readonly mqtt: string;
  /** Folder of this Node-RED, its flow and what its nets learn; made where it does not exist. */
  readonly userDir: string;
  /** Port of the editor on 127.0.0.1. */
  readonly port: number;
}

export interface NodeRedDemo {
  /** Where the flow can be seen. */
  readonly url: string;
  /** Ends Node-RED, which saves what was learned. */
  close(): Promise<void>;
}

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
/** Node-RED loads all its nodes first; on a small device that takes its time. */
const LONGEST_START = 60_000;

/**
 * Starts a Node-RED of its own, in a process beside this one, with the sensor demo as a flow that is subscribed to the motes. Rejects with
 * `unsupported` where Node-RED is not installed or does not start.
 */
export async function startNodeRedDemo({ mqtt, userDir, port }: NodeRedDemoOptions): Promise<NodeRedDemo> {
  const script = findNodeRed();
  const folder = resolve(userDir);
  await prepare(folder, new URL(mqtt));
  const words = [script, '--userDir', folder, '--port', String(port), '--no-telemetry'];
  const nodeRed = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const close = async () => {
    if (nodeRed.exitCode !== null || nodeRed.signalCode !== null) return;
    const exited = once(nodeRed, 'exit');
    nodeRed.kill('SIGTERM');
    await exited;
  };
  try {
    await hears(nodeRed, /Connected to broker/);
  } catch (failure) {
    await close();
    throw failure;
  }
  return { url: `http://127.0.0.1:${port}/`, close };
}

/** The start script of the Node-RED that is installed beside this package or in the working folder. */
function findNodeRed(): string {
  for (const from of [import.meta.url, join(process.cwd(), 'here.js')]) {
    try {
      return join(dirname(dirname(createRequire(from).resolve('node-red'))), 'red.js');
    } catch {
      // Looked for in the next place.
    }
  }
  throw new SpikewireError('unsupported', 'Node-RED', 'is not installed', 'npm install node-red');
}

/** A user folder with this palette in it, and the flow; what nets learned there before stays. */
async function prepare(folder: string, broker: URL): Promise<void> {
  const palette = join(folder, 'node_modules', '@spikewire', 'node-red-spikewire');
  await mkdir(dirname(palette), { recursive: true });
  await symlink(PACKAGE, palette, 'junction').catch((failure: NodeJS.ErrnoException) => {
    if (failure.code !== 'EEXIST') throw failure;
  });
  await writeFile(join(folder, 'package.json'), '{ "name": "spikewire-demo", "private": true }\n');
  await writeFile(join(folder, 'settings.js'), SETTINGS);
  await writeFile(join(folder, 'flows.json'), JSON.stringify(demoFlow(broker), undefined, 2));
}

const SETTINGS = `module.exports = {
  flowFile: 'flows.json',
  uiHost: '127.0.0.1',
  credentialSecret: false,
  editorTheme: { tours: false },
};
`;

/** Resolves when it logs such a line; keeps reading after that, so that it never waits for a reader. */
function hears(nodeRed: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let tail = '';
    const fail = (problem: string) => {
      clearTimeout(timer);
      reject(new SpikewireError('unsupported', 'Node-RED', `${problem}: ${tail}`, 'a start with a connection'));
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
    nodeRed.once('exit', (code) => fail(`ended with code ${code}`));
    nodeRed.once('error', (cause) => fail(cause.message));
  });
}
