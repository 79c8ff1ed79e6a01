import { Client } from 'pg';

/** One statement as it was sent. */
export interface SentStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Sees every statement of this process, and can alter it on its way. */
export interface Tap {
  /** What was sent while `work` ran. */
  readonly record: <T>(work: () => Promise<T>) => Promise<readonly [T, readonly SentStatement[]]>;
  /** Alters statements while `work` runs; an altered one is no longer a prepared one. */
  readonly alter: <T>(alteration: (text: string) => string, work: () => Promise<T>) => Promise<T>;
}

interface QueryConfig {
  readonly text: string;
  readonly values?: readonly unknown[];
}

type Query = (this: Client, first: unknown, ...rest: unknown[]) => unknown;

/** Puts itself between the server and the driver. For one test file, which has a process of its own. */
export function tapStatements(): Tap {
  let sent: SentStatement[] | undefined;
  let alteration: ((text: string) => string) | undefined;
  const prototype = Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  prototype.query = function (first, ...rest) {
    if (!isQueryConfig(first)) return query.call(this, first, ...rest);
    const { text, values = [] } = first;
    sent?.push({ text, values });
    const altered = alteration?.(text) ?? text;
    const config = altered === text ? first : { text: altered, values };
    return query.call(this, config, ...rest);
  };
  return {
    record: async (work) => {
      const mine: SentStatement[] = [];
      sent = mine;
      try {
        return [await work(), mine];
      } finally {
        sent = undefined;
      }
    },
    alter: async (change, work) => {
      alteration = change;
      try {
        return await work();
      } finally {
        alteration = undefined;
      }
    },
  };
}

function isQueryConfig(value: unknown): value is QueryConfig {
  return typeof value === 'object' && value !== null && 'text' in value;
}
