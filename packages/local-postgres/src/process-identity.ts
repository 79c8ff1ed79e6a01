import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { systemErrorCode } from './local-postgres-error.ts';

/**
 * A pid alone does not name a process: it is given to another one sooner or later. A pid together
 * with the moment the process started does.
 *
 * - a string: the process lives; the string differs for every process that ever has this pid
 * - `'unknown'`: a process lives, and the system does not say since when
 * - `undefined`: no such process, or only its exit status is left (a zombie)
 */
export type ProcessIdentity = string | undefined;

const UNKNOWN = 'unknown';

/** Identifies the process that has `pid` now. */
export function identifyProcess(pid: number): ProcessIdentity {
  if (!isTaken(pid)) return undefined;
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

/** Whether the process that was identified as `identity` still lives; doubt counts as yes. */
export function isAlive(pid: number, identity: string): boolean {
  const now = identifyProcess(pid);
  return now !== undefined && (now === identity || now === UNKNOWN || identity === UNKNOWN);
}

/** Whether `pid` is taken, be it by the remains of a process that nobody has collected. */
export function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/** Ticks since boot are unique only within one boot, so the boot is part of the identity. */
function identifyByProc(pid: number): ProcessIdentity {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program name in parentheses and may itself hold spaces and ')'.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    const startTicks = fields[19];
    if (state === 'Z' || state === 'X') return undefined;
    if (startTicks === undefined) return UNKNOWN;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}:${startTicks}`;
  } catch {
    // /proc can hide the processes of other users, or the process has ended just now.
    return isTaken(pid) ? UNKNOWN : undefined;
  }
}

function identifyByPs(pid: number): ProcessIdentity {
  try {
    const line = execFileSync('/bin/ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    if (line === '' || line.startsWith('Z')) return undefined;
    return line.slice(line.indexOf(' ') + 1).trim();
  } catch {
    return isTaken(pid) ? UNKNOWN : undefined;
  }
}
