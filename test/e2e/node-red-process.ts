import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { lacks } from '../services.ts';
import { freePort } from './mosquitto.ts';

const PALETTE = fileURLToPath(new URL('../../nodes', import.meta.url));
const require = createRequire(import.meta.url);

/** A Node-RED and the Node that it runs on. */
export interface Installation {
  readonly name: string;
  readonly node: string;
  /** Its start script. */
  readonly script: string;
}

/** Node-RED of this workspace, on the Node that runs the tests. */
export const OWN: Installation = {
  name: 'Node-RED 4.1',
  node: process.execPath,
  script: scriptOf(require.resolve('node-red')),
};

/**
 * Node-RED 5 needs Node 22.9: its folder in `SPIKEWIRE_NODE_RED_5`, the program in `SPIKEWIRE_NODE_22`.
 */
const NEXT: Installation | undefined =
  process.env.SPIKEWIRE_NODE_RED_5 === undefined || process.env.SPIKEWIRE_NODE_22 === undefined
    ? undefined
    : {
        name: 'Node-RED 5',
        node: process.env.SPIKEWIRE_NODE_22,
        script: join(process.env.SPIKEWIRE_NODE_RED_5, 'red.js'),
      };

/** Node-RED 5 where it is named, for tests that need only one. */
export const NEWEST = NEXT ?? OWN;

function scriptOf(main: string): string {
  return join(dirname(dirname(main)), 'red.js');
}

export const INSTALLATIONS = ['Node-RED 4.1', 'Node-RED 5'] as const;

/** The installation of a name, or the end of the calling test, as with a program that is not there. */
export async function installation(context: TestContext, name: (typeof INSTALLATIONS)[number]): Promise<Installation> {
  const found = name === OWN.name ? OWN : NEXT;
  if (found === undefined) {
    return lacks(context, 'node-red-5', `${name}: SPIKEWIRE_NODE_RED_5 and SPIKEWIRE_NODE_22 name it`);
  }
  await access(found.script);
  return found;
}

/** The palette as it is built. */
export async function linkPalette(userDir: string): Promise<void> {
  const packages = join(userDir, 'node_modules', '@spikewire');
  await mkdir(packages, { recursive: true });
  await symlink(PALETTE, join(packages, 'node-red-spikewire'));
}

/** What a Node-RED says of itself at the moment. */
export interface Vitals {
  /**
   * Percentiles in milliseconds since the last call, as perf_hooks measures them with its usual 10 ms between samples.
   */
  readonly eventLoopDelay: { readonly p50: number; readonly p99: number; readonly max: number };
  /**
   * Processor time of the main thread from one timer of 10 ms to the next, in milliseconds, since the last call: how
   * long the event loop was kept busy, whatever else the machine did meanwhile. Empty where the kernel does not count
   * it.
   */
  readonly busy: readonly number[];
  /** Timers, sockets, ports and so on that keep an event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Of events of the process and of Node-RED. */
  readonly listeners: number;
  readonly threads: number;
  readonly files: number;
  readonly residentBytes: number;
}

/** A Node-RED in a process and a user folder of its own, with this palette in it. */
export class NodeRedProcess {
  readonly userDir: string;
  readonly #installation: Installation;
  #process: ChildProcess | undefined;
  #port = 0;
  #output = '';

  /** `install` puts the palette into the user folder. */
  static async start(
    installation: Installation,
    flow: readonly object[],
    install = linkPalette,
  ): Promise<NodeRedProcess> {
    const userDir = await mkdtemp(join(tmpdir(), 'spikewire-node-red-'));
    await writeFile(join(userDir, 'package.json'), '{"name":"test","private":true}');
    await install(userDir);
    await writeFile(join(userDir, 'settings.js'), SETTINGS);
    await writeFile(join(userDir, 'flows.json'), JSON.stringify(flow));
    const nodeRed = new NodeRedProcess(installation, userDir);
    await nodeRed.start();
    return nodeRed;
  }

  private constructor(installation: Installation, userDir: string) {
    this.#installation = installation;
    this.userDir = userDir;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    this.#port = await freePort();
    const { node, script } = this.#installation;
    const words = [script, '--userDir', this.userDir, '--port', String(this.#port), '--no-telemetry'];
    // What the test runner is told is not meant for Node-RED.
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.#output = '';
    this.#process = spawn(node, words, { cwd: this.userDir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.on('data', (chunk) => {
        this.#output += chunk;
      });
    }
    await this.says(/Started flows/);
  }

  /** Resolves when it has logged such a line. */
  async says(pattern: RegExp): Promise<void> {
    for (let wait = 0; !pattern.test(this.#output); wait += 20) {
      if (wait > 30_000 || this.#hasEnded) throw new Error(`Node-RED did not say ${pattern}: ${this.#output}`);
      await delay(20);
    }
  }

  get #hasEnded(): boolean {
    return this.#process!.exitCode !== null || this.#process!.signalCode !== null;
  }

  /** Stops all nodes and starts those of a flow. */
  async deploy(flow: readonly object[]): Promise<void> {
    const headers = { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' };
    const answer = await this.#fetch('/flows', { method: 'POST', headers, body: JSON.stringify(flow) });
    if (!answer.ok) throw new Error(`deploy: ${answer.status} ${await answer.text()}`);
  }

  async vitals(): Promise<Vitals> {
    return (await (await this.#fetch('/vitals')).json()) as Vitals;
  }

  /** Bytes of objects and buffers in its main thread that a collection of garbage leaves. */
  async heldBytes(): Promise<number> {
    return Number((await this.get('/held')).text);
  }

  /** Presses the button of an inject node as soon as it runs: a deploy is answered before. */
  async inject(id: string): Promise<void> {
    for (let wait = 0; ; wait += 20) {
      const answer = await this.#fetch(`/inject/${id}`, { method: 'POST' });
      if (answer.ok) return;
      if (wait > 30_000) throw new Error(`inject ${id}: ${answer.status} ${await answer.text()}`);
      await delay(20);
    }
  }

  async get(path: string) {
    const answer = await this.#fetch(path);
    return { status: answer.status, text: await answer.text() };
  }

  /** Sends a JSON document. */
  async post(path: string, document: unknown = {}) {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await this.#fetch(path, { method: 'POST', headers, body: JSON.stringify(document) });
    return { status: answer.status, text: await answer.text() };
  }

  #fetch(path: string, options: RequestInit = {}): Promise<Response> {
    return fetch(new URL(path, this.url), options);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#hasEnded) return;
    const exited = once(this.#process!, 'exit');
    this.#process!.kill(signal);
    await exited;
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.userDir, { recursive: true, force: true });
  }
}

/** Node-RED as it comes, with looks inside on `/vitals` and `/held`. */
const SETTINGS = `
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { existsSync, readFileSync, readdirSync } = require('node:fs');
const delays = monitorEventLoopDelay();
delays.enable();

let busy = [];
const processorTime = () => Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
let before = existsSync('/proc/self/schedstat') ? processorTime() : undefined;
if (before !== undefined) {
  setInterval(() => {
    const now = processorTime();
    busy.push(now - before);
    before = now;
  }, 10);
}

const { events } = require.main.require('@node-red/util');
const listenersOf = (emitter) => emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);

function vitals() {
  const milliseconds = (percentile) => delays.percentile(percentile) / 1e6;
  const resources = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const document = {
    eventLoopDelay: { p50: milliseconds(50), p99: milliseconds(99), max: delays.max / 1e6 },
    busy,
    resources,
    listeners: listenersOf(process) + listenersOf(events),
    threads: readdirSync('/proc/self/task').length,
    files: readdirSync('/proc/self/fd').length,
    residentBytes: process.memoryUsage.rss(),
  };
  delays.reset();
  busy = [];
  return document;
}

require('node:v8').setFlagsFromString('--expose-gc');
const collectGarbage = require('node:vm').runInNewContext('gc');

function held() {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const LOOKS = { '/vitals': vitals, '/held': held };

module.exports = {
  flowFile: 'flows.json',
  uiHost: '127.0.0.1',
  credentialSecret: false,
  editorTheme: { tours: false },
  httpAdminMiddleware: ({ path }, response, next) => path in LOOKS ? response.json(LOOKS[path]()) : next(),
};
`;
