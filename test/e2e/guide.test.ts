import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { needs } from '../services.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'runtime/bin/spikewire.js');
const LONGEST = 60_000;

/** A fenced block of a page: its words behind the fence, and its lines. */
interface Block {
  readonly kind: string;
  readonly text: string;
}

/** What commands have said. */
class Transcript {
  said = '';
  /** Up to here it was looked at. */
  #seen = 0;

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
      if (wait > LONGEST) throw new Error(`nobody said: ${line}\n${this.said}`);
      await delay(50);
    }
  }
}

/**
 * A page of docs/guide, done as it is written: blocks of `sh` run to their end, `sh stays` as long as the page does,
 * and what stands in `text` has to be said by one of them, `…` standing for anything. `sh beside` runs to its end while
 * the page goes on, which does not need what it leaves; the `text` behind it has to be said by it alone. Ports are
 * those of this test, and `npx spikewire` is the build, which saves npm a second each time.
 */
class Reader {
  readonly #folder: string;
  readonly #broker: Mosquitto;
  readonly #running: ChildProcess[] = [];
  readonly #transcript = new Transcript();

  constructor(folder: string, broker: Mosquitto) {
    this.#folder = folder;
    this.#broker = broker;
  }

  async read(page: string): Promise<void> {
    const text = await readFile(join(ROOT, 'docs/guide', page), 'utf8');
    const blocks = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, kind, body]) => ({
      kind: kind!,
      text: body!,
    }));
    expect(blocks.filter(({ kind }) => kind === 'text').length, 'what the page promises').toBeGreaterThan(0);
    const beside: Promise<void>[] = [];
    for (const [k, block] of blocks.entries()) {
      const promised = blocks[k + 1]?.kind === 'text' ? blocks[k + 1]!.text : '';
      if (block.kind === 'sh beside') beside.push(this.#doBeside(block.text, promised));
      else if (blocks[k - 1]?.kind !== 'sh beside') await this.#do(block);
    }
    await Promise.all(beside);
  }

  async #do({ kind, text }: Block): Promise<void> {
    if (kind === 'sh stays') this.#start(text, this.#transcript);
    if (kind === 'sh') await this.#finish(text, this.#transcript);
    if (kind === 'text') await this.#transcript.hear(text);
  }

  #doBeside(text: string, promised: string): Promise<void> {
    const transcript = new Transcript();
    const done = this.#finish(text, transcript).then(() => transcript.hear(promised));
    // Whoever awaits it is told; where the page fails before, nobody does.
    done.catch(() => {});
    return done;
  }

  async #finish(text: string, transcript: Transcript): Promise<void> {
    const child = this.#start(text, transcript);
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST);
    const [code] = await once(child, 'close');
    clearTimeout(timer);
    expect(code, `${text}\n${transcript.said}`).toBe(0);
  }

  #start(text: string, transcript: Transcript): ChildProcess {
    const command = text
      .replaceAll('npx spikewire', `'${process.execPath}' '${MAIN}'`)
      .replaceAll('test/golden/', join(ROOT, 'test/golden/'))
      .replaceAll('mqtt://localhost', this.#broker.url)
      .replaceAll(/mosquitto_(pub|sub)/g, `$& -p ${this.#broker.port}`)
      .replaceAll(/127\.0\.0\.1:808\d/g, '127.0.0.1:0')
      .replaceAll('127.0.0.1:8090', `127.0.0.1:${this.#broker.port + 1}`);
    const child = spawn('bash', ['-ec', command], { cwd: this.#folder, detached: true });
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

const PAGES = [
  ...['watch-a-sensor', 'recognise-states', 'vibration'],
  ...['home-assistant', 'statestream', 'own-sensor', 'onnx'],
];
// They wait more than they compute. The commands of the page on Node-RED are those of test/package/pack.test.ts.
it.concurrent.for(PAGES)('%s: does what it says, command by command', { timeout: 120_000 }, async (page, context) => {
  for (const service of ['mosquitto', 'mosquitto-clients'] as const) needs(context, service);
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-guide-'));
  const broker = (await startMosquitto())!;
  const reader = new Reader(folder, broker);
  try {
    await reader.read(`${page}.md`);
  } finally {
    await reader.close();
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  }
});
