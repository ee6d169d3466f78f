// A board of tests that has nothing of spikewire but docs/semantics.md §2: one dense layer of leaky integrate-and-fire
// neurons in whole numbers, all of them BigInt. A request is a line of JSON on stdin, and each has one line of JSON as
// its answer on stdout, in order: {"ok": …}, or {"error": "…"} where nothing has changed.
//
//   {"do": "load", "net", "inputs", "neurons", "scale", "maximum",   inputs are scale·n, n in −maximum … maximum
//    "weights", "shift", "bits", "fraction", "decay", "bias",        weights by neuron, then one number for each neuron
//    "initial", "threshold", "reset" or "subtract", "rest"}          ok: bytes
//   {"do": "run", "net", "steps", "events": [[step, input, value]]}  ok: [[step, neuron]], by step and neuron
//   {"do": "fresh", "net"}                                           membranes and rests as at the start
//   {"do": "read", "net"}                                            ok: {"v", "rest", "step", "counts"}
//   {"do": "write", "net", "v", "rest", "step", "counts"}
//   {"do": "free", "net"}
import { createInterface } from 'node:readline';

const MOST_NEURONS = 32;
const MOST_INPUTS = 32;
/** Its argument. */
const MOST_NETS = Number(process.argv[2]);

const nets = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const request = JSON.parse(line);
    answer = { ok: serve(request) };
  } catch (problem) {
    answer = { error: String(problem.message) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function serve(request) {
  if (request.do === 'load') return load(request);
  const net = nets.get(request.net);
  if (net === undefined) throw new Error(`no net ${request.net}`);
  switch (request.do) {
    case 'run':
      return run(net, request);
    case 'fresh':
      return rest(net);
    case 'read':
      return { v: net.v.map(Number), rest: net.resting, step: net.step, counts: net.counts };
    case 'write':
      net.v = request.v.map(BigInt);
      net.resting = request.rest;
      net.step = request.step;
      net.counts = request.counts;
      return null;
    case 'free':
      nets.delete(request.net);
      return null;
    default:
      throw new Error(`cannot ${request.do}`);
  }
}

function load(request) {
  const { inputs, neurons } = request;
  if (neurons > MOST_NEURONS || inputs > MOST_INPUTS)
    throw new Error(`a layer of ${neurons} × ${inputs} is larger than ${MOST_NEURONS} × ${MOST_INPUTS}`);
  if (nets.size >= MOST_NETS) throw new Error(`no room for more than ${MOST_NETS} nets`);
  const big = (numbers) => numbers?.map(BigInt);
  const net = {
    ...request,
    weights: big(request.weights),
    decay: big(request.decay),
    bias: big(request.bias),
    initial: big(request.initial),
    threshold: big(request.threshold),
    reset: big(request.reset),
    subtract: big(request.subtract),
    step: 0,
    counts: { spikes: 0, passed: 0, high: 0, low: 0, clipped: 0 },
  };
  rest(net);
  nets.set(request.net, net);
  return inputs * neurons + 28 * neurons;
}

function rest(net) {
  net.v = [...net.initial];
  net.resting = net.initial.map(() => 0);
  return null;
}

function run(net, { steps, events }) {
  const spikes = [];
  let next = 0;
  for (let step = 0; step < steps; step++) {
    const given = new Map();
    for (; next < events.length && events[next][0] === step; next++) {
      const [, input, value] = events[next];
      given.set(input, (given.get(input) ?? 0) + value);
    }
    const arriving = [...given].map(([input, value]) => [input, wholeInput(net, value)]);
    for (let n = 0; n < net.neurons; n++) if (stepOf(net, n, arriving)) spikes.push([step, n]);
    net.step++;
  }
  return spikes;
}

/** To nearest, ties to even, and held within the ends. */
function wholeInput(net, value) {
  const exact = value / net.scale;
  const below = Math.floor(exact);
  const over = exact - below;
  const whole = over > 0.5 || (over === 0.5 && below % 2 !== 0) ? below + 1 : below;
  const held = Math.min(Math.max(whole, -net.maximum), net.maximum);
  if (held !== whole) net.counts.clipped++;
  return BigInt(held);
}

/** One step of neuron n; true where it spikes. */
function stepOf(net, n, arriving) {
  let sum = 0n;
  for (const [input, count] of arriving) {
    if (count === 0n) continue;
    net.counts.passed++;
    sum += (net.weights[n * net.inputs + input] << BigInt(net.shift)) * count;
  }
  if (net.resting[n] > 0) {
    net.resting[n]--;
    return false;
  }
  const half = 1n << 14n;
  net.v[n] = held(net, ((net.v[n] * net.decay[n] + half) >> 15n) + scaled(sum, net.fraction) + net.bias[n]);
  if (net.v[n] <= net.threshold[n]) return false;
  net.v[n] = net.reset ? net.reset[n] : held(net, net.v[n] - net.subtract[n]);
  net.resting[n] = net.rest[n];
  net.counts.spikes++;
  return true;
}

function scaled(sum, fraction) {
  if (fraction >= 0) return sum << BigInt(fraction);
  return (sum + (1n << BigInt(-fraction - 1))) >> BigInt(-fraction);
}

/** Within the two's complement of the membranes. */
function held(net, value) {
  const end = 1n << BigInt(net.bits - 1);
  if (value >= end) {
    net.counts.high++;
    return end - 1n;
  }
  if (value < -end) {
    net.counts.low++;
    return -end;
  }
  return value;
}
