import { readFile } from 'node:fs/promises';

/** Of Linux, for each tick of the clock by which it counts processor time. */
const TICK_MS = 10;
const KIB = 1024;

/** Milliseconds of the processor that a process has used. */
export async function processorTime(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Bytes of memory that a process has now. */
export async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)![1]) * KIB;
}
