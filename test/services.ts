import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** Programs that some tests need and not every machine has, each with the names it is installed under. */
const PROGRAMS = {
  mosquitto: ['mosquitto'],
  'mosquitto-clients': ['mosquitto_pub'],
  'nats-server': ['nats-server'],
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  gcc: ['cc'],
  'g++': ['g++'],
  'avr-gcc': ['avr-gcc'],
  simavr: ['simavr'],
  'arm-none-eabi-gcc': ['arm-none-eabi-gcc'],
  'qemu-system-arm': ['qemu-system-arm'],
  verilator: ['verilator'],
  yosys: ['yosys'],
  'yosys-smtbmc': ['yosys-smtbmc'],
  z3: ['z3'],
  'nextpnr-ice40': ['nextpnr-ice40'],
  'fpga-icestorm': ['icepack'],
  'nextpnr-ecp5': ['nextpnr-ecp5'],
  'fpga-trellis': ['ecppack'],
  gpiod: ['gpiomon'],
  'alsa-utils': ['arecord'],
  'systemd-analyze': ['systemd-analyze'],
  zsh: ['zsh'],
  fish: ['fish'],
  sqlite3: ['sqlite3'],
  'openssh-server': ['sshd'],
  python3: ['python3'],
} as const;

/** Data sets that may not be copied into the project (`test/README.md`). */
const DATA = fileURLToPath(new URL('../../shared/data', import.meta.url));

export type Service = keyof typeof PROGRAMS;

/** Whether this machine has the program. */
export function has(service: Service): boolean {
  return pathOf(service) !== undefined;
}

/**
 * The path of the program, or the end of the calling test: skipped with the reason, or failed where the environment
 * variable `SPIKEWIRE_REQUIRE` (`mosquitto,chromium`) says that this machine has it.
 *
 * ```ts
 * it('keeps its session', async (context) => {
 *   const mosquitto = needs(context, 'mosquitto');
 * ```
 */
export function needs(context: TestContext, service: Service): string {
  return pathOf(service) ?? lacks(context, service, `${service}, which this machine does not have`);
}

/**
 * Ends the calling test, which needs something that is not there: skipped with the reason, or failed where
 * `SPIKEWIRE_REQUIRE` names it.
 */
export function lacks(context: TestContext, name: string, needed: string): never {
  if ((process.env.SPIKEWIRE_REQUIRE ?? '').split(',').includes(name)) {
    throw new Error(`${name}: not found on this machine; expected, because SPIKEWIRE_REQUIRE names it`);
  }
  return context.skip(`needs ${needed}`);
}

/** The path of the program; undefined where this machine does not have it. */
export function pathOf(service: Service): string | undefined {
  // Debian keeps servers out of an ordinary user's search path.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const candidates = PROGRAMS[service].flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Packages that a test needs and that are not dependencies, by the environment variable that names their folder. */
const FOLDERS = {
  'johnny-five': 'SPIKEWIRE_JOHNNY_FIVE',
  'Node-RED 5': 'SPIKEWIRE_NODE_RED_5',
  "Node-RED's dashboard 2": 'SPIKEWIRE_NODE_RED_DASHBOARD',
};

/** Programs, packages and data that some tests need and that are not here, so that these tests are skipped. */
export function absent(): string[] {
  const programs = (Object.keys(PROGRAMS) as Service[]).filter((service) => pathOf(service) === undefined);
  const folders = Object.entries(FOLDERS).filter(([, variable]) => !existsSync(process.env[variable] ?? ''));
  return [
    ...programs,
    ...(pythonWith(TORCH) === undefined ? ['torch'] : []),
    ...(pythonWith(TUF) === undefined ? ['python3-tuf'] : []),
    ...(pythonWith(H5PY) === undefined ? ['python3-h5py'] : []),
    ...(pythonWith(ONNX_RUNTIME) === undefined ? ['python3-onnxruntime'] : []),
    ...(pythonWith(NUMPY) === undefined ? ['python3-numpy'] : []),
    ...folders.map(([name, variable]) => `${name} (${variable})`),
    ...(existsSync(DATA) ? [] : ['data sets in ../shared/data']),
  ];
}

/** Debian's packages belong to Debian's Python, which another one on the path may hide. */
const PYTHONS = ['python3', '/usr/bin/python3'];
/** To import torch takes seconds. */
const HAS = 'import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)';
const TORCH = 'torch';
/** The client and the metadata of The Update Framework. */
const TUF = 'tuf.ngclient';
const H5PY = 'h5py';
const ONNX_RUNTIME = 'onnxruntime';
const NUMPY = 'numpy';

/** A Python that has torch, or the end of the calling test as in `needs`, by the name `torch`. */
export function needsTorch(context: TestContext): string {
  const needed = 'torch for Python (Debian python3-torch), which this machine does not have';
  return pythonWith(TORCH) ?? lacks(context, 'torch', needed);
}

/** The same for a Python that has python3-tuf, by that name. */
export function needsTuf(context: TestContext): string {
  const needed = 'tuf for Python (Debian python3-tuf), which this machine does not have';
  return pythonWith(TUF) ?? lacks(context, 'python3-tuf', needed);
}

/** The same for a Python that has h5py, by the name `python3-h5py`. */
export function needsH5py(context: TestContext): string {
  const needed = 'h5py for Python (Debian python3-h5py), which this machine does not have';
  return pythonWith(H5PY) ?? lacks(context, 'python3-h5py', needed);
}

/** The same for a Python that has ONNX Runtime, by the name `python3-onnxruntime`. */
export function needsOnnxRuntime(context: TestContext): string {
  const needed = 'onnxruntime for Python (Debian python3-onnxruntime), which this machine does not have';
  return pythonWith(ONNX_RUNTIME) ?? lacks(context, 'python3-onnxruntime', needed);
}

/** The same for a Python that has NumPy, by the name `python3-numpy`. */
export function needsNumpy(context: TestContext): string {
  const needed = 'NumPy for Python (Debian python3-numpy), which this machine does not have';
  return pythonWith(NUMPY) ?? lacks(context, 'python3-numpy', needed);
}

function pythonWith(module: string): string | undefined {
  return PYTHONS.find((python) => spawnSync(python, ['-c', HAS, module]).status === 0);
}
