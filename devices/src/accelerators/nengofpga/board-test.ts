import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { parseModel, SpikewireError, writeModel } from '@spikewire/models';
import type { ExecutorSource } from 'spikewire/accelerators';
import type { EnsembleNet } from './ensemble-net.ts';
import { endsOf } from './lock-step.ts';
import { RemoteScript } from './remote-script.ts';
import type { BoardSettings } from './settings.ts';

/** Time for the script to tell the number of the board, in milliseconds. */
const NUMBER_MS = 25_000;
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
 * e0bd838, nengo_fpga/id_extractor.py). Rejects with `unsupported`.
 */
export async function boardNumber(name: string, settings: BoardSettings): Promise<string> {
  const { localIp } = await endsOf(name, settings);
  const server = createServer();
  server.listen(settings.port, localIp);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const script = new RemoteScript(settings, [
    'python',
    settings.idScript,
    `--host_ip=${localIp}`,
    `--tcp_port=${port}`,
  ]);
  try {
    return await numberFrom(name, server, script);
  } finally {
    await script.stop();
    server.close();
  }
}

function numberFrom(name: string, server: Server, script: RemoteScript): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (problem: string) =>
      reject(new SpikewireError('unsupported', name, problem, 'a board that tells its number'));
    const timer = setTimeout(() => fail(`tells no number within ${NUMBER_MS / 1000} s`), NUMBER_MS);
    let told = Buffer.alloc(0);
    server.once('connection', (socket: Socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        told = Buffer.concat([told, bytes]).subarray(0, NUMBER_BYTES);
        if (told.length < NUMBER_BYTES) return;
        socket.destroy();
        clearTimeout(timer);
        resolve(told.toString('hex').toUpperCase());
      });
    });
    // What the script has sent may still be on its way.
    const ended = (problem: string) => setTimeout(() => fail(`its script ${problem}`), 500).unref();
    script.onEnd = ended;
    if (script.problem !== undefined) ended(script.problem);
  });
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
