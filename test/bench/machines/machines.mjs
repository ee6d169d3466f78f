// Five invented machines to inject faults into: what their sensors show, reading by reading. With `rest` the process
// stays in the state that it is in, while its sensors go on. `warmUp`: readings of about three rounds of what it does.
import { RandomGenerator } from '@spikewire/models';

/** Draws of a seed: a number that is normally distributed, and one between two bounds. */
function draws(seed, name) {
  const random = new RandomGenerator(seed, name);
  return {
    normal: (deviation) => deviation * random.nextNormal(),
    between: (low, high) => low + (high - low) * random.nextUniform(),
  };
}

/** Number of a curve through points [time, value] in order of time. */
function along(points, time) {
  const next = points.findIndex(([at]) => at > time);
  if (next === -1) return points.at(-1)[1];
  const [[t0, v0], [t1, v1]] = [points[Math.max(0, next - 1)], points[next]];
  return next === 0 ? v1 : v0 + ((v1 - v0) * (time - t0)) / (t1 - t0);
}

const STROKE = [
  [0, 0],
  [0.35, 100],
  [0.55, 100],
  [0.9, 0],
  [1, 0],
];
const FORCE = [
  [0.3, 0],
  [0.35, 80],
  [0.45, 72],
  [0.55, 75],
  [0.58, 0],
];

/** A press that closes every two seconds, give or take. */
const press = {
  name: 'press at 60/s',
  interval: 1000 / 60,
  warmUp: 400,
  channels: [
    { name: 'force', unit: 'kN' },
    { name: 'position', unit: 'mm' },
  ],
  noise: [0.5, 0.1],
  start(seed) {
    const { normal, between } = draws(seed, 'press');
    let [phase, length, strength] = [0, 120, 1];
    return {
      next({ rest = false } = {}) {
        if (!rest) phase += 1 / length;
        if (phase >= 1) [phase, length, strength] = [phase - 1, between(117, 123), 1 + normal(0.02)];
        return [strength * along(FORCE, phase) + normal(0.5), along(STROKE, phase) + normal(0.1)];
      },
    };
  },
};

const DAY = 288;

/** A heated room, warmer by day; the weather drifts for days. */
const room = {
  name: 'room of 40 days',
  interval: 300_000,
  warmUp: 864,
  channels: [
    { name: 'temperature', unit: '°C' },
    { name: 'humidity', unit: '%' },
  ],
  noise: [0.1, 0.5],
  start(seed) {
    const { normal } = draws(seed, 'room');
    let [k, weather, inside, wanted, vapour] = [0, 0, 19, 21, 0];
    return {
      next({ rest = false } = {}) {
        const hour = (24 * (k++ % DAY)) / DAY;
        weather += -weather / (2 * DAY) + normal(0.12);
        vapour += -vapour / DAY + normal(0.15);
        if (!rest) wanted = hour >= 6 && hour < 22 ? 21 : 17;
        const sun = Math.max(0, Math.sin(((hour - 6) * Math.PI) / 12));
        inside += (wanted + 0.8 * sun + 0.05 * weather - inside) / 24;
        return [inside + normal(0.1), 45 - 2.5 * (inside - 19) + vapour + normal(0.5)];
      },
    };
  },
};

/** A pump between three demands, with the pressure and the current that belong to them. */
const pump = {
  name: 'pump',
  interval: 1000,
  warmUp: 2000,
  channels: [
    { name: 'flow', unit: 'l/min' },
    { name: 'pressure', unit: 'bar' },
    { name: 'current', unit: 'A' },
  ],
  noise: [0.5, 0.03, 0.05],
  start(seed) {
    const { normal, between } = draws(seed, 'pump');
    let [flow, demand, left] = [50, 50, 100];
    return {
      next({ rest = false } = {}) {
        if (!rest && --left <= 0) {
          const others = [30, 50, 80].filter((each) => each !== demand);
          [demand, left] = [others[between(0, 1) < 0.5 ? 0 : 1], Math.round(between(120, 300))];
        }
        flow += (demand - flow) / 5;
        return [flow + normal(0.5), 6 - 0.03 * flow + normal(0.03), 2 + 0.08 * flow + normal(0.05)];
      },
    };
  },
};

/** A compressor that fills its tank from 6 to 8 bar while air is used, now more, now less. */
const compressor = {
  name: 'compressor',
  interval: 1000,
  warmUp: 1000,
  channels: [
    { name: 'pressure', unit: 'bar' },
    { name: 'current', unit: 'A' },
    { name: 'temperature', unit: '°C' },
  ],
  noise: [0.02, 0.2, 0.3],
  start(seed) {
    const { normal } = draws(seed, 'compressor');
    let [pressure, runs, use, heat] = [7, true, 0.01, 50];
    return {
      next({ rest = false } = {}) {
        use = Math.max(0.004, use + (0.01 - use) / 300 + normal(0.0002));
        pressure += (runs ? 0.035 : 0) - use;
        if (!rest && pressure > 8) runs = false;
        if (!rest && pressure < 6) runs = true;
        pressure = Math.min(9.5, Math.max(0, pressure)); // a valve, and nothing left
        heat += ((runs ? 80 : 25) - heat) / 300;
        return [pressure + normal(0.02), (runs ? 12 : 0.1) + normal(0.2), heat + normal(0.3)];
      },
    };
  },
};

/** Phases of a programme: [name, readings of 5 s]. */
const PROGRAMME = [
  ['fill', 24],
  ['heat', 144],
  ['wash', 240],
  ['rinse', 72],
  ['rinse', 72],
  ['spin', 96],
];
const POWER = { idle: 1, fill: 12, heat: 2000, spin: 420 };
const VIBRATION = { idle: 0.1, fill: 0.4, heat: 0.6, spin: 9 };

/** A washing machine: an hour of programme, then a pause. */
const washingMachine = {
  name: 'washing machine',
  interval: 5000,
  warmUp: 3000,
  channels: [
    { name: 'power', unit: 'W' },
    { name: 'vibration', unit: 'mm/s' },
  ],
  noise: [3, 0.1],
  start(seed) {
    const { normal, between } = draws(seed, 'washing machine');
    let [phase, left, turn] = [-1, 200, 0];
    const next = ({ rest = false } = {}) => {
      if (!rest && --left <= 0) {
        phase = phase + 1 < PROGRAMME.length ? phase + 1 : -1;
        left = phase === -1 ? Math.round(between(120, 480)) : PROGRAMME[phase][1];
      }
      const [name] = PROGRAMME[phase] ?? ['idle'];
      // The drum turns for 12 s of 18.
      turn = (turn + between(0.25, 0.31)) % 1;
      const turns = turn < 0.67;
      const power = POWER[name] ?? (turns ? 160 : 15);
      return [power * (1 + normal(0.01)) + normal(3), (VIBRATION[name] ?? (turns ? 2.5 : 0.4)) + Math.abs(normal(0.1))];
    };
    return { next };
  },
};

export const machines = [press, room, pump, compressor, washingMachine];
