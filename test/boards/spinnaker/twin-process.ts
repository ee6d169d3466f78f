import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('twin.mjs', import.meta.url));

/** What the twin counted. */
export interface TwinStats {
  readonly requests: number;
  readonly injected: number;
  readonly injectedPackets: number;
  readonly sent: number;
  readonly sentSpikes: number;
  readonly lost: number;
  readonly lostSpikes: number;
  readonly refused: number;
  readonly blocks: number;
  readonly tags: number;
}

export interface Twin {
  readonly port: number;
  stats(): Promise<TwinStats>;
  /** Runs the steps before `to`, where it is driven by hand; all packets are sent then. */
  step(to: number): Promise<void>;
  /** Its net starts anew. */
  restart(): void;
  /** It answers nothing any more. */
  goAway(): void;
  close(): Promise<void>;
}

/** Starts a board in a process of its own; its settings are those of `twin.mjs`. */
export async function startTwin(settings: Readonly<Record<string, unknown>> = {}): Promise<Twin> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  const next = () => new Promise<string>((take) => waiting.push(take));
  const failed = new Promise<never>((_, fail) => child.once('exit', () => fail(new Error('the twin has ended'))));
  failed.catch(() => {}); // one that is closed has ended, too
  const { port } = JSON.parse(await Promise.race([next(), failed])) as { port: number };
  return {
    port,
    async stats() {
      child.stdin.write('{"do": "stats"}\n');
      return JSON.parse(await next()) as TwinStats;
    },
    async step(to) {
      child.stdin.write(`${JSON.stringify({ do: 'step', to })}\n`);
      await next();
    },
    restart: () => void child.stdin.write('{"do": "restart"}\n'),
    goAway: () => void child.stdin.write('{"do": "away"}\n'),
    async close() {
      const ended = new Promise((exit) => child.once('exit', exit));
      child.stdin.end();
      await ended;
    },
  };
}
