import { errorCodes, problemKinds } from '@rolecall/contract';

/** `docs/generated/error-codes.md`: every code, what it means and what to do. */
export function renderErrorCodes(): string {
  const rows = errorCodes.map((code) => {
    const { status, meaning, advice } = problemKinds[code];
    return `| \`${code}\` | ${status} | ${meaning} | ${advice} |`;
  });
  return [
    '# Error codes',
    '',
    'Every error is `application/problem+json` with one of these codes in `code`. The list is closed: a new',
    'code is a new version. This page is generated from the table that the service answers with.',
    '',
    '| code | status | meaning | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
