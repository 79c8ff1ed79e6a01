import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import {
  type Check,
  type Grant,
  type GrantPayload,
  type HeldGrant,
  type PolicyDefinition,
  type Reason,
  type Standing,
} from '../src/index.ts';

/** A file of the corpus, as `corpus/README.md` describes it. */
export interface SituationFile {
  readonly situation: string;
  readonly policy?: PolicyDefinition;
  readonly organization?: string;
  readonly standing?: Standing;
  readonly grants?: readonly HeldGrant[];
  readonly payload?: readonly GrantPayload[];
  readonly rows?: readonly Grant[];
  readonly refused?: ExpectedError;
  readonly checks?: readonly (Check & { readonly expect: ExpectedAnswer | ExpectedError })[];
}

export interface ExpectedAnswer {
  readonly allowed: boolean;
  readonly reason: Reason;
  readonly matched?: readonly number[];
  readonly denied_by?: readonly number[];
  readonly undetermined?: readonly number[];
  readonly enforced?: { readonly allowed: boolean; readonly reason: Reason };
}

export interface ExpectedError {
  readonly code: string;
  readonly problem: string;
  readonly path: string;
}

const KEYS = [
  'situation',
  'policy',
  'organization',
  'standing',
  'grants',
  'payload',
  'rows',
  'refused',
  'checks',
];

/** Every file of the corpus by name. Throws for a key that no file may have, so that none is ignored. */
export function readCorpus(): readonly (readonly [string, SituationFile])[] {
  const folder = new URL('../corpus/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => {
      const file = parse(readFileSync(new URL(name, folder), 'utf8')) as SituationFile;
      const stray = Object.keys(file).find((key) => !KEYS.includes(key));
      if (stray !== undefined) throw new Error(`${name} has an unknown key \`${stray}\``);
      return [name.replace('.yaml', ''), file] as const;
    });
}
