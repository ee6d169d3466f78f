import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseModel, SpikewireError, writeModel } from '@spikewire/models';
import type { ExecutorSource } from 'spikewire/accelerators';
import type { EnsembleNet } from './ensemble-net.ts';
import { endsOf } from './lock-step.ts';
import { RemoteScript } from './remote-script.ts';
import type { BoardSettings } from './settings.ts';

/** Time for the script to tell the number of the board, in milliseconds. */
const NUMBER_MS = 25_000;
/** Time for a number after its script has ended, in milliseconds. */
const ON_THE_WAY_MS = 500;
const NUMBER_BYTES = 8;
const [NEURONS, STEPS] = [20, 500];

/**
 * Asks a board for its number, and runs an ensemble on it that learns to answer with other numbers. Rejects with what
 * is wrong.
 */
export async function testNengoBoard(settings: BoardSettings, source: ExecutorSource): Promise<string[]> {
  const number = await boardNumber(source.name, settings);
  try {
    return [`board: number 0x${number}`, await testEnsemble(source)];
  } finally {
    await source.close();
  }
}

/**
 * The number of the board, 16 hexadecimal digits: its script connects by TCP and sends 8 bytes, big-endian (nengo-fpga
 * e0bd838, nengo_fpga/id_extractor.py). Others that connect are turned away. Rejects with `unsupported`.
 */
export async function boardNumber(name: string, settings: BoardSettings): Promise<string> {
  const { boardIp, localIp } = await endsOf(name, settings);
  const server = createServer();
  const port = await listen(server, name, localIp, settings.port);
  const sockets = new Set<Socket>();
  const ending = new AbortController();
  const script = new RemoteScript(settings, [
    'python',
    settings.idScript,
    `--host_ip=${localIp}`,
    `--tcp_port=${port}`,
  ]);
  const told = new Promise<string>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      if (socket.remoteAddress !== boardIp) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      takeNumber(socket, resolve);
    });
  });
  try {
    return await Promise.race([told, failure(name, script, ending.signal)]);
  } finally {
    ending.abort();
    for (const socket of sockets) socket.destroy();
    server.close();
    await script.stop();
  }
}

/** Gives the port. Rejects with `unsupported` where it is not free. */
async function listen(server: Server, name: string, ip: string, port: number): Promise<number> {
  try {
    server.listen(port, ip);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (cause) {
    const problem = `cannot use ${ip}:${port} (${(cause as NodeJS.ErrnoException).code})`;
    throw new SpikewireError('unsupported', name, problem, 'an address of this machine, and a free port', cause);
  }
}

function takeNumber(socket: Socket, resolve: (number: string) => void): void {
  let told = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    told = Buffer.concat([told, bytes]).subarray(0, NUMBER_BYTES);
    if (told.length === NUMBER_BYTES) resolve(told.toString('hex').toUpperCase());
  });
}

/** Rejects once the script has ended, or said nothing for too long; until `signal` aborts. */
async function failure(name: string, script: RemoteScript, signal: AbortSignal): Promise<never> {
  const ended = new Promise<string>((resolve) => {
    script.onEnd = resolve;
    if (script.problem !== undefined) resolve(script.problem);
  });
  const late = sleep(NUMBER_MS, `tells no number within ${NUMBER_MS / 1000} s`, { signal });
  // What the script has sent may still be on its way.
  const end = ended.then((problem) => sleep(ON_THE_WAY_MS, `its script ${problem}`, { signal }));
  const problem = await Promise.race([late, end]);
  throw new SpikewireError('unsupported', name, problem, 'a board that tells its number');
}

/** Steps with a lesson each, and how long their answers take. */
async function testEnsemble(source: ExecutorSource): Promise<string> {
  const net = await source.open(writeModel(communicationChannel()));
  const times: number[] = [];
  let error = 0;
  for (let step = 0; step < STEPS; step++) {
    const x = Math.sin(step / 20);
    const began = performance.now();
    const { output } = await net.run({
      steps: 1,
      input: { step: Int32Array.of(0), node: Int32Array.of(0), index: Int32Array.of(0), value: Float64Array.of(x) },
      teach: step === 0 ? [] : [{ connection: 'decode', signal: Float64Array.of(error) }],
    });
    times.push(performance.now() - began);
    error = (output.value[0] ?? 0) + x;
  }
  const { silences, resent, repeated } = (net as EnsembleNet).counts;
  times.sort((a, b) => a - b);
  const at = (share: number) => `${Number(times[Math.floor(share * STEPS)]!.toPrecision(3))} ms`;
  const lost = `${silences} packets lost, ${resent + repeated} lessons or steps affected`;
  const learned = `error of −x after ${STEPS} steps ${Number(Math.abs(error).toPrecision(2))}`;
  return `ensemble: a step with a lesson in ${at(0.5)}, 99 % within ${at(0.99)}; ${learned}; ${lost}`;
}

/** One number in and out: neurons that begin to fire at −1 … 1, and decoders of 0. */
function communicationChannel() {
  const sign = (n: number) => (n % 2 === 0 ? 1 : -1);
  const at = (n: number) => (2 * n) / NEURONS - 1;
  const neurons = Array.from({ length: NEURONS }, (_, n) => n);
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      encode: {
        type: 'Affine',
        weight: neurons.map((n) => [0.2 * sign(n)]),
        bias: neurons.map((n) => -0.2 * at(n)),
      },
      neurons: { type: 'ReLU' },
      decode: { type: 'Linear', weight: [neurons.map(() => 0)] },
      out: { type: 'Output', shape: [1] },
    },
    edges: ['in', 'encode', 'neurons', 'decode'].map((name, k, names) => [name, names[k + 1] ?? 'out']),
    learning: { decode: { rule: 'pes', learningRate: 0.02, tauPre: 0 } },
    semantics: { dt: 0.001 },
  });
}
