import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./twin.mjs', import.meta.url));

/** What twin.mjs takes. */
export interface TwinOptions {
  readonly tiny?: boolean;
  readonly seed?: number;
  readonly loss?: number;
  readonly double?: number;
  readonly reorder?: number;
  readonly delay?: number;
  readonly swap?: 'frames' | 'addresses' | 'counts';
  readonly lsb?: boolean;
  readonly deaf?: boolean;
  readonly defect?: { readonly memory: 'neurons' | 'synapses'; readonly address?: number; readonly data?: number };
  readonly leaksMore?: number;
  readonly keepsSpikes?: boolean;
  readonly goneAfter?: number;
}

/** What a twin holds. */
export interface Dump {
  readonly neurons: Uint8Array;
  readonly synapses: Uint8Array;
  /** Own spikes that found the scheduler full. */
  readonly lost: number;
  readonly registers: readonly number[];
  readonly transactions: number;
  readonly counts: Readonly<Record<'lost' | 'doubled' | 'reordered' | 'repeated', number>>;
}

/** A process that is a bridge and a chip. */
export class Twin {
  readonly port: number;
  readonly spiPort: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number, spiPort: number) {
    this.#process = process;
    this.port = port;
    this.spiPort = spiPort;
  }

  static async start(options: TwinOptions = {}): Promise<Twin> {
    const child = fork(PROGRAM, [JSON.stringify(options)]);
    const [{ port, spiPort }] = (await once(child, 'message')) as [{ port: number; spiPort: number }];
    return new Twin(child, port, spiPort);
  }

  /** Behind the scheme. */
  get address(): string {
    return `tcp:127.0.0.1:${this.port}`;
  }

  async dump(): Promise<Dump> {
    const { neurons, synapses, ...rest } = (await this.#ask({ do: 'dump' })) as Record<string, string> & Dump;
    const bytes = (hex: unknown) => Uint8Array.from(Buffer.from(String(hex), 'hex'));
    return { ...rest, neurons: bytes(neurons), synapses: bytes(synapses) };
  }

  /** Adds (1) or loses (−1) a clock after so many further transactions. */
  async slip(by: 1 | -1, after: number): Promise<void> {
    await this.#ask({ do: 'slip', by, after });
  }

  /** The chip loses its power for a moment, and the bridge does not; some bytes of neurons happen to be as before. */
  async losePower(kept: readonly number[] = []): Promise<void> {
    await this.#ask({ do: 'power', kept });
  }

  /** All registers but the gate's lose what they hold. */
  async loseRegisters(): Promise<void> {
    await this.#ask({ do: 'registers' });
  }

  /** The next byte of synapses that is written has a wrong bit. */
  async flipBit(): Promise<void> {
    await this.#ask({ do: 'flip' });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }

  async #ask(request: object): Promise<unknown> {
    const answer = once(this.#process, 'message');
    this.#process.send(request);
    return (await answer)[0];
  }
}
