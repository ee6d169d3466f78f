import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface FlowMessage {
  payload?: unknown;
  topic?: unknown;
  spikewire?: Readonly<Record<string, unknown>>;
  error?: { readonly message: string; readonly source: { readonly id: string } };
  status?: { readonly text?: string; readonly fill?: string; readonly source: { readonly id: string } };
  [property: string]: unknown;
}

interface RunningNode {
  receive(message: object): void;
  on(event: 'input', listener: (message: FlowMessage) => void): void;
}

/** Milliseconds, about. */
const LONGEST_ANSWER = 5000;
/** Of a warning in Node-RED's log. */
const WARN = 30;
const ERROR = 20;

type Answer = PromiseLike<{ status: number; body: Readonly<Record<string, unknown>> }>;

interface Helper {
  init(runtimePath: string): void;
  settings(settings: object): void;
  startServer(done: () => void): void;
  stopServer(done: () => void): void;
  load(nodes: unknown, flow: readonly object[]): Promise<void>;
  unload(): Promise<void>;
  setFlows(flow: readonly object[], type?: 'full' | 'nodes' | 'flows'): Promise<void>;
  getNode(id: string): RunningNode;
  log(): {
    readonly args: readonly (readonly [{ readonly level: number; readonly id?: string; readonly msg: string }])[];
  };
  request(): {
    get(path: string): Answer;
    post(path: string): { set(field: string, value: string): { send(body: object): Answer } };
  };
}

const helper: Helper = require('node-red-node-test-helper');
helper.init(require.resolve('node-red'));

/** The palette as Node-RED loads it. */
const palette: readonly unknown[] = ['device', 'net', 'infer', 'learn', 'anomaly', 'classify'].map((type) =>
  require(fileURLToPath(new URL(`../../nodes/palette/spikewire-${type}.js`, import.meta.url))),
);

/** A place in the tab of the flow, by which Node-RED tells a node from a configuration. */
const PLACE = { z: 'tab', x: 0, y: 0 };

/**
 * What every flow here has: a tab, and nodes that take what the infer nodes give, what goes wrong, and every status.
 */
const SURROUNDINGS = [
  { id: 'tab', type: 'tab' },
  { ...PLACE, id: 'catch', type: 'catch', scope: null, wires: [['problems']] },
  { ...PLACE, id: 'status', type: 'status', scope: null, wires: [['states']] },
  ...['results', 'answers', 'unusual', 'normal', 'problems', 'states'].map((id) => ({
    ...PLACE,
    id,
    type: 'helper',
    wires: [],
  })),
];
const OUTPUTS = [['results'], ['answers']];

/** Real Node-RED of this workspace in the calling process, without an editor, with a flow that a test gives. */
export class TestFlow {
  readonly results: FlowMessage[] = [];
  readonly answers: FlowMessage[] = [];
  /** What other outputs give. */
  readonly outputs: Readonly<Record<'unusual' | 'normal', FlowMessage[]>> = { unusual: [], normal: [] };
  readonly problems: string[] = [];
  readonly states: string[] = [];

  static async start(userDir: string, nodes: readonly object[]): Promise<TestFlow> {
    helper.settings({ userDir });
    await new Promise<void>((resolve) => helper.startServer(resolve));
    const flow = new TestFlow();
    await helper.load(palette, flow.#complete(nodes));
    flow.#listen();
    return flow;
  }

  #complete(nodes: readonly object[]): object[] {
    const placed = nodes.map((node) =>
      'net' in node || 'wires' in node ? { ...PLACE, wires: OUTPUTS, ...node } : node,
    );
    return structuredClone([...SURROUNDINGS, ...placed]);
  }

  #listen(): void {
    helper.getNode('results').on('input', (message) => this.results.push(message));
    helper.getNode('answers').on('input', (message) => this.answers.push(message));
    for (const name of ['unusual', 'normal'] as const)
      helper.getNode(name).on('input', (message) => this.outputs[name].push(message));
    helper.getNode('problems').on('input', ({ error }) => this.problems.push(error!.message));
    helper.getNode('states').on('input', ({ status }) => this.states.push(status!.text ?? ''));
  }

  /** Stops all nodes and starts those of another flow. */
  async redeploy(nodes: readonly object[]): Promise<void> {
    await helper.setFlows(this.#complete(nodes), 'full');
    this.#listen();
  }

  send(message: object, node = 'infer'): void {
    helper.getNode(node).receive(message);
  }

  /** Sends a message and gives what comes of it: a message of one of the outputs, or the line of an error. */
  async ask(message: object, node = 'infer'): Promise<FlowMessage & { readonly problem?: string }> {
    const seen = this.#seen();
    this.send(message, node);
    for (let wait = 0; this.#seen() === seen && wait < LONGEST_ANSWER; wait++) await delay(1);
    if (this.#seen() === seen) throw new Error('no answer to the message');
    const problem = this.problems.splice(0).at(0);
    const [given] = [...this.results.splice(0), ...this.answers.splice(0)];
    return { ...given, ...(problem === undefined ? {} : { problem }) };
  }

  #seen(): number {
    return this.results.length + this.answers.length + this.problems.length;
  }

  /** What a node has warned of in Node-RED's log. */
  warningsOf(id: string): string[] {
    return loggedBy(id, WARN);
  }

  errorsOf(id: string): string[] {
    return loggedBy(id, ERROR);
  }

  get(path: string) {
    return helper.request().get(path);
  }

  post(path: string, body: object) {
    return helper.request().post(path).set('Content-Type', 'application/json').send(body);
  }

  upload(path: string, bytes: Uint8Array) {
    return helper.request().post(path).set('Content-Type', 'application/octet-stream').send(Buffer.from(bytes));
  }

  async stop(): Promise<void> {
    await helper.unload();
    await new Promise<void>((resolve) => helper.stopServer(resolve));
  }
}

function loggedBy(id: string, level: number): string[] {
  const entries = helper.log().args.map(([entry]) => entry);
  return entries.filter((entry) => entry.level === level && entry.id === id).map(({ msg }) => msg);
}
