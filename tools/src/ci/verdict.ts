/** The part of a vitest JSON report that counts. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
    }[];
  }[];
}

/** What a whole run amounts to. */
export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  /** Tests that did not run and are not excused; each counts as failed. */
  readonly missing: readonly string[];
}

/** A test that may be skipped here, and why; anything else that is skipped is a part that is missing. */
export interface Excuse {
  readonly title: RegExp;
  readonly reason: string;
}

/** Counts a report. A file that could not be run at all counts as one failure. */
export function judge(report: TestReport, excuses: readonly Excuse[]): Verdict {
  let [passed, failed] = [0, 0];
  const missing: string[] = [];
  for (const file of report.testResults) {
    if (file.status === 'failed' && file.assertionResults.length === 0) failed += 1;
    for (const { fullName, status } of file.assertionResults) {
      if (status === 'passed') passed += 1;
      else if (status === 'failed') failed += 1;
      else if (!excuses.some(({ title }) => title.test(fullName))) missing.push(fullName);
    }
  }
  return { passed, failed: failed + missing.length, missing };
}
