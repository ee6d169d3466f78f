import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './file-system.ts';

/** One process, told apart from every later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Different for every lock that is ever taken. */
  readonly token: string;
  /** Start of the process in clock ticks since boot, where the system tells. */
  readonly startTime?: string;
  /** Which boot of the machine, where the system tells. */
  readonly bootId?: string;
}

/** What the lock asks the machine about processes. */
export interface ProcessTable {
  /** This process, with a new token. */
  identify(): Promise<ProcessIdentity>;
  /** False only if that very process is certainly gone. */
  isRunning(identity: ProcessIdentity): Promise<boolean>;
}

/**
 * The processes of this machine. Linux tells boot and start time under /proc (proc(5)); elsewhere the process number
 * alone decides, and a number in use counts as the same process.
 *
 * @param proc where /proc is mounted
 */
export function machineProcessTable(proc = '/proc'): ProcessTable {
  const bootId = async () => (await text(join(proc, 'sys/kernel/random/boot_id')))?.trim();
  const status = async (pid: number) => parseStatus(await text(join(proc, String(pid), 'stat')));
  return {
    async identify() {
      const [boot, own] = await Promise.all([bootId(), status(process.pid)]);
      return {
        pid: process.pid,
        token: randomUUID(),
        ...(own === undefined ? {} : { startTime: own.startTime }),
        ...(boot === undefined ? {} : { bootId: boot }),
      };
    },
    async isRunning(identity) {
      const [boot, found] = await Promise.all([bootId(), status(identity.pid)]);
      if (boot !== undefined && identity.bootId !== undefined && boot !== identity.bootId) return false;
      if (!numberIsTaken(identity.pid)) return false;
      if (found === undefined) return true; // no /proc, or one that hides the processes of others
      if (found.isZombie) return false; // killed, only not yet fetched by its parent: it writes no more
      return identity.startTime === undefined || found.startTime === identity.startTime;
    },
  };
}

/** Reads /proc/<pid>/stat; the command in parentheses may itself hold spaces and parentheses. */
function parseStatus(stat: string | undefined): { isZombie: boolean; startTime: string } | undefined {
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields?.[0];
  const startTime = fields?.[19];
  if (state === undefined || startTime === undefined) return undefined;
  return { isZombie: state === 'Z' || state === 'X', startTime };
}

function numberIsTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    return systemCode(failure) !== 'ESRCH';
  }
}

async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
