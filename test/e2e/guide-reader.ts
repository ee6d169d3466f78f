import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestBroker } from './test-broker.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a page: its words behind the fence, and its lines. */
interface Block {
  readonly kind: string;
  readonly text: string;
}

/** What a block of a page came to. */
export interface Step extends Block {
  readonly milliseconds: number;
}

export interface ReaderOptions {
  readonly folder: string;
  readonly broker: Pick<TestBroker, 'url' | 'port'>;
  /** What stands in the place of `npx spikewire`. Default: that. */
  readonly command?: string;
  /** Milliseconds that a block may take. */
  readonly longest: number;
  /** As whom, and with which environment. */
  readonly spawning?: Pick<SpawnOptions, 'env' | 'uid' | 'gid'>;
  readonly onStep?: (step: Step) => void;
}

/** What commands have said. */
class Transcript {
  said = '';
  readonly #longest: number;
  /** Up to here it was looked at. */
  #seen = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Waits until something new fits each line of a text. */
  async hear(text: string): Promise<void> {
    for (const line of text.trimEnd().split('\n')) await this.#hearLine(line);
  }

  async #hearLine(line: string): Promise<void> {
    const pattern = new RegExp(line.split('…').map(escaped).join('.*'));
    for (let wait = 0; ; wait += 50) {
      const match = pattern.exec(this.said.slice(this.#seen));
      if (match !== null) {
        this.#seen += match.index;
        return;
      }
      if (wait > this.#longest) throw new Error(`nobody said: ${line}\n${this.said}`);
      await delay(50);
    }
  }
}

/**
 * A page of docs/guide, done as it is written: blocks of `sh` run to their end, `sh stays` as long as the page does,
 * and what stands in `text` has to be said by one of them, `…` standing for anything. `sh beside` runs to its end while
 * the page goes on, which does not need what it leaves; the `text` behind it has to be said by it alone. Ports are
 * those of the broker and free ones.
 */
export class GuideReader {
  readonly #options: ReaderOptions;
  readonly #running: ChildProcess[] = [];
  readonly #transcript: Transcript;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#transcript = new Transcript(options.longest);
  }

  /** Rejects where a page promises nothing, a command fails, or nobody says what it promises. */
  async read(page: string): Promise<void> {
    const text = await readFile(join(ROOT, 'docs/guide', page), 'utf8');
    const blocks = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, kind, body]) => ({
      kind: kind!,
      text: body!,
    }));
    if (!blocks.some(({ kind }) => kind === 'text')) throw new Error(`${page} promises nothing`);
    const beside: Promise<void>[] = [];
    for (const [k, block] of blocks.entries()) {
      const promised = blocks[k + 1]?.kind === 'text' ? blocks[k + 1]!.text : '';
      if (block.kind === 'sh beside') beside.push(this.#timed(block, () => this.#doBeside(block.text, promised)));
      else if (blocks[k - 1]?.kind !== 'sh beside') await this.#timed(block, () => this.#do(block));
    }
    await Promise.all(beside);
  }

  #timed(block: Block, work: () => Promise<void>): Promise<void> {
    const began = performance.now();
    const done = work().then(() => this.#options.onStep?.({ ...block, milliseconds: performance.now() - began }));
    // Whoever awaits it is told; where the page fails before, nobody does.
    done.catch(() => {});
    return done;
  }

  async #do({ kind, text }: Block): Promise<void> {
    if (kind === 'sh stays') this.#start(text, this.#transcript);
    if (kind === 'sh') await this.#finish(text, this.#transcript);
    if (kind === 'text') await this.#transcript.hear(text);
  }

  async #doBeside(text: string, promised: string): Promise<void> {
    const transcript = new Transcript(this.#options.longest);
    await this.#finish(text, transcript);
    await transcript.hear(promised);
  }

  async #finish(text: string, transcript: Transcript): Promise<void> {
    const child = this.#start(text, transcript);
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#options.longest);
    const [code] = await once(child, 'close');
    clearTimeout(timer);
    if (code !== 0) throw new Error(`ended with ${code}: ${text}\n${transcript.said}`);
  }

  #start(text: string, transcript: Transcript): ChildProcess {
    const { folder, broker, command: spikewire = 'npx spikewire', spawning } = this.#options;
    const command = text
      .replaceAll('npx spikewire', spikewire)
      .replaceAll(/(?:test\/golden|models\/zoo|devices\/rtl)\//g, (path) => join(ROOT, path))
      .replaceAll('mqtt://localhost', broker.url)
      .replaceAll(/mosquitto_(pub|sub)/g, `$& -p ${broker.port}`)
      .replaceAll(/127\.0\.0\.1:808\d/g, '127.0.0.1:0')
      .replaceAll('127.0.0.1:8090', `127.0.0.1:${broker.port + 1}`);
    const child = spawn('bash', ['-ec', command], {
      ...spawning,
      cwd: folder,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        transcript.said += chunk;
      });
    }
    this.#running.push(child);
    return child;
  }

  /** Ends what stays, with all that it has started. */
  async close(): Promise<void> {
    const alive = this.#running.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ends = alive.map((child) => once(child, 'close'));
    for (const { pid } of alive) process.kill(-pid!, 'SIGKILL');
    await Promise.all(ends);
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
