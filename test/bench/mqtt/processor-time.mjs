import { readFileSync } from 'node:fs';

/** Seconds that a process has had of the processor; NaN where the system has no /proc. */
export function processorTime(id) {
  try {
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}
