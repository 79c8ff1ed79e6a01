import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isListening } from '@rolecall/testkit';
import { type PreparedRequest } from '../load/request-bytes.ts';

/** One check, as the data of all services has it. */
export interface Question {
  readonly organization: string;
  readonly user: string;
  readonly project: string;
}

/** The data that all services hold: who is a member of which role, and which projects a role may read. */
export interface Facts {
  readonly memberships: readonly (readonly [user: string, role: string])[];
  readonly grants: readonly (readonly [role: string, project: string])[];
}

/** A service that answers checks, running, with the data in it. */
export interface Service {
  readonly name: string;
  readonly version: string;
  /** How its cache is set up. */
  readonly cache: string;
  readonly port: number;
  readonly request: (question: Question) => PreparedRequest;
  /** Whether an answer says yes. */
  readonly isAllowed: (answer: string) => boolean;
  /** Several checks about one user in one request. */
  readonly batch: (questions: readonly Question[]) => PreparedRequest;
  /** How many of a batch are allowed. */
  readonly allowedOf: (answer: string) => number;
  /** Asks by its own client in place of HTTP, where it has a protocol that is said to be faster. */
  readonly ask?: (question: Question) => Promise<boolean>;
  readonly processId: number;
  readonly stop: () => Promise<void>;
}

/** Starts a program and waits until it listens. Its last words are in the error when it does not. */
export async function startProgram(
  command: string,
  args: readonly string[],
  port: number,
): Promise<{ readonly processId: number; readonly stop: () => Promise<void> }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-2000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) break;
    if (await isListening(port)) {
      return { processId: child.pid ?? 0, stop: () => stopChild(child) };
    }
    await sleep(100);
  }
  await stopChild(child);
  throw new Error(`${command} does not listen: ${said.trim().split('\n').slice(-3).join(' ')}`);
}

/** Runs a program to its end. */
export async function runProgram(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const listen = (chunk: Buffer): void => {
    said += chunk.toString();
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`${command} failed: ${said.trim().split('\n').slice(-3).join(' ')}`);
  return said;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}

/** Sends JSON and reads JSON; an answer that is no success is an error with what it says. */
export async function post<Answer>(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${String(response.status)}: ${text}`);
  return JSON.parse(text) as Answer;
}

/** The time that a process has used of the processors, in microseconds; undefined where that is not told. */
export function processorTime(processId: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${String(processId)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // In hundredths of a second, in user and in kernel mode.
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return undefined;
  }
}
