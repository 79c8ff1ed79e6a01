/** The suites of `npm run bench`, in the order of the report. */
import { type Result } from '../report.ts';
import { checkHttp } from './check-http.ts';
import { importRate } from './import-rate.ts';
import { memberPage } from './member-page.ts';
import { principalLoad } from './principal-load.ts';

/** What a suite finds, and on which PostgreSQL. */
export type Findings = Pick<Result, 'method' | 'columns' | 'rows' | 'reading'> & {
  readonly postgresVersion: string;
};

/** One measurement with a name to ask for it. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly run: () => Promise<Findings>;
}

export const suites: readonly Suite[] = [principalLoad, memberPage, importRate, checkHttp];
