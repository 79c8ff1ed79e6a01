import { WorkOS } from '@workos-inc/node';
import { afterAll, expect } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/index.ts';
import { createOpenApiValidator } from './openapi-validator.ts';

/** One validator for a file: all its simulators are observed, and at the end nothing may be wrong. */
export const validator = createOpenApiValidator();

const running: Simulator[] = [];

afterAll(async () => {
  await Promise.all(running.map((simulator) => simulator.close()));
  expect(validator.problems()).toEqual([]);
});

/** Starts an observed simulator that is closed with the file. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ observe: validator.observe, ...options });
  running.push(simulator);
  return simulator;
}

/** The official client, without its own retries. */
export function clientOf(
  simulator: Simulator,
  { apiKey = simulator.apiKey, timeout = 10_000 } = {},
): WorkOS {
  const { hostname, port } = new URL(simulator.url);
  return new WorkOS({
    apiKey,
    apiHostname: hostname,
    port: Number(port),
    https: false,
    maxRetries: 0,
    timeout,
  });
}

/** Calls the API without the client; the path begins with a slash. */
export async function call(
  simulator: Simulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${simulator.apiKey}`,
      'Content-Type': 'application/json',
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}
