import { readdir, readFile } from 'node:fs/promises';

/** Of Linux, for each tick of the clock by which it counts processor time. */
const TICK_MS = 10;
const KIB = 1024;

/** Fields of `/proc/<pid>/stat` behind the name of the program. */
const [PARENT, USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED] = [1, 11, 12, 13, 14];

/** Milliseconds of the processor that a process has used. */
export async function processorTime(pid: number): Promise<number> {
  const fields = await statOf(pid);
  return (Number(fields[USER]) + Number(fields[SYSTEM])) * TICK_MS;
}

/** Bytes of memory that a process has now. */
export async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)![1]) * KIB;
}

export interface ProcessFigures {
  /** Milliseconds of the processor so far, and bytes of memory now. */
  readonly processor: number;
  readonly memory: number;
}

/** Of processes with all that they have started; memory that several share counts once. Those that are gone count 0. */
export async function figuresOf(pids: readonly number[]): Promise<ProcessFigures> {
  const figures = await Promise.all([...pids, ...(await childrenOf(pids))].map(figuresOfOne));
  const sum = (key: keyof ProcessFigures) => figures.reduce((total, each) => total + each[key], 0);
  return { processor: sum('processor'), memory: sum('memory') };
}

async function figuresOfOne(pid: number): Promise<ProcessFigures> {
  try {
    const fields = await statOf(pid);
    const ticks = [USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED].reduce((sum, k) => sum + Number(fields[k]), 0);
    const pages = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return { processor: ticks * TICK_MS, memory: Number(/^Pss:\s+(\d+)/m.exec(pages)![1]) * KIB };
  } catch {
    return { processor: 0, memory: 0 };
  }
}

async function childrenOf(pids: readonly number[]): Promise<number[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(all.map(async (pid) => (await statOf(pid).catch(() => []))[PARENT]));
  return all.filter((_, k) => pids.includes(Number(parents[k])));
}

async function statOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
