import type { PlainWords } from './plain-words.ts';

/** What these nodes use of Node-RED; the rest of its API is not theirs to know. */

export interface Message {
  payload?: unknown;
  topic?: unknown;
  [property: string]: unknown;
}

export interface NodeStatus {
  readonly fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape?: 'dot' | 'ring';
  /** A key of the node's catalogue, which the editor translates, or text. */
  readonly text?: string;
}

export type Send = (messages: Message | readonly (Message | null)[]) => void;
/** Ends the handling of a message; with an error, Catch nodes get it. */
export type Done = (problem?: PlainWords) => void;

export interface RuntimeNode {
  readonly id: string;
  status(status: NodeStatus): void;
  warn(line: string): void;
  error(line: string): void;
  /** What no message has asked for. */
  send: Send;
  on(event: 'input', listener: (message: Message, send: Send, done: Done) => void): void;
  on(event: 'close', listener: (removed: boolean, done: () => void) => void): void;
}

/** What the editor has stored of a node: every property as its form gave it. */
export interface NodeConfiguration {
  readonly [property: string]: unknown;
}

/** Its bytes may be iterated where nobody has read them. */
interface Request extends AsyncIterable<Uint8Array> {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params: Readonly<Record<string, string>>;
  /** Behind the question mark. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** Of a POST with JSON. */
  readonly body?: unknown;
}

export interface Response {
  status(code: number): Response;
  json(document: unknown): void;
}

type Handler = (request: Request, response: Response, next: () => void) => unknown;

export interface NodeRed {
  readonly settings: { readonly userDir?: string };
  readonly nodes: {
    getNode(id: unknown): RuntimeNode | null | undefined;
    /** All of the flows, as the editor has stored them. */
    eachNode(look: (node: { readonly id: string; readonly type: string; readonly name?: string }) => void): void;
  };
  readonly util: {
    evaluateNodeProperty(
      value: string,
      type: string,
      node: RuntimeNode,
      message: Message,
      callback: (problem: Error | null, value?: unknown) => void,
    ): void;
  };
  readonly httpAdmin: Readonly<Record<'get' | 'post', (path: string, ...handlers: readonly Handler[]) => void>>;
  readonly auth: { needsPermission(permission: string): Handler };
  /** A text of the node's catalogue. */
  _(key: string, values?: Readonly<Record<string, string | number>>): string;
}

/** Where Node-RED keeps its own files, and relative paths begin. */
export function userDirOf({ settings }: NodeRed): string {
  return settings.userDir ?? process.cwd();
}
