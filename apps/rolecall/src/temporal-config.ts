import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { TemporalConnection, TlsParticulars } from '@rolecall/temporal-runner';

/** The runner, and where Temporal is when it runs there. */
export type RunnerConfig =
  | { readonly kind: 'postgres' }
  | {
      readonly kind: 'temporal';
      readonly connection: TemporalConnection;
      /** None when it was not set: it then follows from the database. */
      readonly taskQueue: string | undefined;
    };

/** The variables of the runner. Those of Temporal are what its own tools read. */
export const runnerShape = {
  ROLECALL_RUNNER: z
    .enum(['postgres', 'temporal'], { error: 'is neither `postgres` nor `temporal`' })
    .default('postgres'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/, {
      error: 'is not a host and a port, such as temporal.example.com:7233',
    })
    .default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{2,}$/, { error: 'is not the name of a namespace' })
    .default('default'),
  TEMPORAL_TASK_QUEUE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, {
      error: 'is not a name of at most 100 letters, digits, dots, dashes and underscores',
    })
    .optional(),
  TEMPORAL_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, { error: 'holds characters that a key never has' })
    .optional(),
  TEMPORAL_TLS: z.enum(['true', 'false'], { error: 'is neither `true` nor `false`' }).optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: pemFile(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: pemFile(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: pemFile(),
};

type Values = z.output<z.ZodObject<typeof runnerShape>>;

/** Where the work is woken up, from variables that were checked. */
export function runnerOf(values: Values): RunnerConfig {
  if (values.ROLECALL_RUNNER === 'postgres') return { kind: 'postgres' };
  const { TEMPORAL_API_KEY: apiKey, TEMPORAL_TLS: wanted } = values;
  const particulars = particularsOf(values);
  const named = Object.keys(particulars).length > 0;
  const tls = wanted === 'false' ? false : named ? particulars : wanted === 'true' || undefined;
  return {
    kind: 'temporal',
    taskQueue: values.TEMPORAL_TASK_QUEUE,
    connection: {
      address: values.TEMPORAL_ADDRESS,
      namespace: values.TEMPORAL_NAMESPACE,
      ...(apiKey !== undefined && { apiKey }),
      ...(tls !== undefined && { tls }),
    },
  };
}

function particularsOf(values: Values): TlsParticulars {
  const serverName = values.TEMPORAL_TLS_SERVER_NAME;
  const serverCa = values.TEMPORAL_TLS_SERVER_CA_CERT_PATH;
  const certificate = values.TEMPORAL_TLS_CLIENT_CERT_PATH;
  const key = values.TEMPORAL_TLS_CLIENT_KEY_PATH;
  return {
    ...(serverName !== undefined && { serverName }),
    ...(serverCa !== undefined && { serverCa }),
    ...(certificate !== undefined && key !== undefined && { client: { certificate, key } }),
  };
}

/** The path of a PEM file, as what it holds. */
function pemFile() {
  return z
    .string()
    .transform((path, context) => {
      const text = readText(path);
      if (text?.includes('-----BEGIN') === true) return text;
      context.addIssue({ code: 'custom', message: 'is not the path of a PEM file' });
      return z.NEVER;
    })
    .optional();
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
