/** The suites of `npm run bench`, in the order of the report. */
import { type Result } from '../report.ts';
import { can } from './can.ts';
import { checkHttp } from './check-http.ts';
import { importRate } from './import-rate.ts';
import { memberPage } from './member-page.ts';
import { peers } from './peers.ts';
import { principalLoad } from './principal-load.ts';

/** What a suite finds, and on which PostgreSQL if it uses one. */
export type Findings = Pick<
  Result,
  'method' | 'columns' | 'rows' | 'more' | 'charts' | 'targets' | 'reading' | 'versions'
> & { readonly postgresVersion?: string };

/** How a suite is to run. */
export interface RunOptions {
  /** Small sizes, to see that it works. */
  readonly small: boolean;
}

/** One measurement with a name to ask for it. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly run: (options: RunOptions) => Promise<Findings>;
  readonly nodeFlags?: readonly string[];
  /** After which it counts as failed; ten minutes unless told otherwise. */
  readonly limitSeconds?: number;
}

export const suites: readonly Suite[] = [
  can,
  peers,
  principalLoad,
  memberPage,
  importRate,
  checkHttp,
];
