import { resolve } from 'node:path';
import { z } from 'zod';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { type RunnerConfig, runnerOf, runnerShape } from './temporal-config.ts';

/** The levels of the log, from the most to the least it says. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Everything that the environment and the options of a command settle, complete and checked. */
export interface Config {
  /** The PostgreSQL to use; none means the embedded one. */
  readonly databaseUrl: string | undefined;
  /** An absolute path. */
  readonly dataDirectory: string;
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  readonly apiKey: string | undefined;
  /** The WorkOS environment to keep equal; none when no key of it was set. */
  readonly workos: WorkosConfig | undefined;
  readonly runner: RunnerConfig;
  /** The running Rolecall that commands talk to, when it was named. */
  readonly url: string | undefined;
  readonly memory: MemoryConfig;
  /** What stands between this process and the database of DATABASE_URL. */
  readonly pooler: 'none' | 'transaction';
  /** In how many processes `serve` answers. */
  readonly workers: number;
  /** None when it was not set: the command knows what suits it. */
  readonly logLevel: LogLevel | undefined;
}

/** How much is kept in memory, and how old an answer from it may be. */
export interface MemoryConfig {
  readonly maxBytes: number;
  readonly boundMs: number;
  /** None when it was not set: it then follows from the bound. */
  readonly pollIntervalMs: number | undefined;
}

/** The real WorkOS, or any server that speaks its API. */
export interface WorkosConfig {
  readonly apiKey: string;
  /** Scheme, host and port; WorkOS itself when it was not set. */
  readonly apiUrl: string | undefined;
  /** Those of its webhook endpoint, with commas between two while they are being changed. */
  readonly webhookSecrets: readonly string[];
  /** The application of the environment; nothing that is kept equal needs it. */
  readonly clientId: string | undefined;
}

/** An option of a command that stands for a variable and goes before it. */
export interface Override {
  readonly option: string;
  readonly value: string | undefined;
}

export const defaultPort = 4000;

const port = /^\d{1,5}$/;
const MIB = 1024 * 1024;
const schema = z.object({
  DATABASE_URL: z
    .string()
    .refine((text) => hasProtocol(text, ['postgres:', 'postgresql:']), {
      error: 'is not a URL that begins with postgres://',
    })
    .optional(),
  ROLECALL_DATA_DIR: z.string().default('.rolecall'),
  PORT: z
    .string()
    .refine((text) => port.test(text) && Number(text) <= 65_535, {
      error: 'is not a port: a number from 0 to 65535, 0 for any free one',
    })
    .transform(Number)
    .default(defaultPort),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, { error: 'is neither a host name nor an address' })
    .default('127.0.0.1'),
  ROLECALL_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, { error: 'holds characters that a key never has' })
    .optional(),
  WORKOS_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, { error: 'holds characters that a key never has' })
    .optional(),
  WORKOS_API_URL: z
    .string()
    .refine((text) => isOrigin(text), {
      error: 'is not a URL of scheme, host and port, such as https://api.workos.com',
    })
    .optional(),
  WORKOS_WEBHOOK_SECRET: z
    .string()
    .regex(/^[\x21-\x7e]+$/, { error: 'holds characters that a secret never has' })
    .optional(),
  WORKOS_CLIENT_ID: z
    .string()
    .regex(/^client_\w+$/, { error: 'is not a client id: client_ and letters or digits' })
    .optional(),
  ROLECALL_URL: z
    .string()
    .refine((text) => hasProtocol(text, ['http:', 'https:']), {
      error: 'is not a URL that begins with http:// or https://',
    })
    .optional(),
  ROLECALL_MEMORY_MB: wholeNumber(1, 1_048_576).default(256),
  ROLECALL_FRESHNESS_BOUND_MS: wholeNumber(50, 3_600_000).default(2_000),
  ROLECALL_POLL_INTERVAL_MS: wholeNumber(10, 3_600_000).optional(),
  ROLECALL_POOLER: z
    .enum(['none', 'transaction'], { error: 'is neither `none` nor `transaction`' })
    .default('none'),
  ROLECALL_WORKERS: wholeNumber(1, 64).default(1),
  ...runnerShape,
  LOG_LEVEL: z.enum(logLevels, { error: `is not one of ${logLevels.join(', ')}` }).optional(),
});

type Variable = keyof z.infer<typeof schema>;

/** What a wrong value may not be repeated in a message. */
const secrets: ReadonlySet<string> = new Set<Variable>([
  'DATABASE_URL',
  'ROLECALL_API_KEY',
  'WORKOS_API_KEY',
  'WORKOS_WEBHOOK_SECRET',
  'TEMPORAL_API_KEY',
]);

/**
 * Reads the environment; this is the only place that does. An empty variable counts as unset. Throws a
 * `CliError` that names every variable, or option, that is wrong.
 */
export function readConfig(
  overrides: Readonly<Partial<Record<Variable, Override>>> = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = overrides[name as Variable]?.value ?? environment[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const result = schema.safeParse(given);
  if (!result.success) throw configError(result.error, given, overrides);
  const values = result.data;
  requirePollBelowBound(values);
  return {
    databaseUrl: values.DATABASE_URL,
    dataDirectory: resolve(values.ROLECALL_DATA_DIR),
    host: values.HOST,
    port: values.PORT,
    apiKey: values.ROLECALL_API_KEY,
    workos: workosOf(values),
    runner: runnerOf(values),
    url: values.ROLECALL_URL?.replace(/\/+$/, ''),
    memory: {
      maxBytes: values.ROLECALL_MEMORY_MB * MIB,
      boundMs: values.ROLECALL_FRESHNESS_BOUND_MS,
      pollIntervalMs: values.ROLECALL_POLL_INTERVAL_MS,
    },
    pooler: values.ROLECALL_POOLER,
    workers: values.ROLECALL_WORKERS,
    logLevel: values.LOG_LEVEL,
  };
}

function requirePollBelowBound(values: z.output<typeof schema>): void {
  const { ROLECALL_POLL_INTERVAL_MS: poll, ROLECALL_FRESHNESS_BOUND_MS: bound } = values;
  if (poll === undefined || poll < bound) return;
  throw new CliError(exitCodes.usage, 'invalid_configuration', 'the configuration is not valid', {
    problems: [
      {
        path: 'ROLECALL_POLL_INTERVAL_MS',
        message: `a poll every \`${poll}\` ms cannot keep a bound of \`${bound}\` ms`,
      },
    ],
  });
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `is not a whole number from ${least} to ${most}`,
    })
    .transform(Number);
}

function workosOf(values: z.infer<typeof schema>): WorkosConfig | undefined {
  if (values.WORKOS_API_KEY === undefined) return undefined;
  const secrets = values.WORKOS_WEBHOOK_SECRET?.split(',') ?? [];
  return {
    apiKey: values.WORKOS_API_KEY,
    apiUrl: values.WORKOS_API_URL?.replace(/\/+$/, ''),
    webhookSecrets: secrets.filter((secret) => secret !== ''),
    clientId: values.WORKOS_CLIENT_ID,
  };
}

function configError(
  error: z.ZodError,
  given: Readonly<Record<string, string>>,
  overrides: Readonly<Partial<Record<Variable, Override>>>,
): CliError {
  const problems = error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const override = overrides[name as Variable];
    const path = override?.value === undefined ? name : override.option;
    const shown = secrets.has(name) ? 'its value' : `\`${given[name] ?? ''}\``;
    return { path, message: `${shown} ${issue.message}` };
  });
  return new CliError(exitCodes.usage, 'invalid_configuration', 'the configuration is not valid', {
    problems,
  });
}

function isOrigin(text: string): boolean {
  if (!hasProtocol(text, ['http:', 'https:'])) return false;
  const { pathname, search, hash, username } = new URL(text);
  return pathname === '/' && search === '' && hash === '' && username === '';
}

function hasProtocol(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}
