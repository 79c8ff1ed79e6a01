import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** The part of a problem document that is shown. A newer Rolecall may have codes that are not known here. */
const schema = z.object({
  code: z.string(),
  detail: z.string(),
  problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  request_id: z.string().optional(),
});

/** The error that an answer other than 2xx means for a command. */
export function problemAsError(url: string, response: Response, body: unknown): CliError {
  const problem = schema.safeParse(body);
  if (!problem.success)
    return notRolecall(url, `it answers ${response.status} in words of its own`);
  const { code, detail, problems, request_id: requestId } = problem.data;
  return new CliError(exitCodeOf(response.status), code, detail, {
    advice: adviceFor(code),
    problems,
    requestId: response.status >= 500 ? requestId : undefined,
  });
}

/** The error of a call that got no answer. */
export function unreachable(url: string, cause: unknown): CliError {
  return new CliError(exitCodes.unreachable, 'unreachable', `no Rolecall answers at ${url}`, {
    advice: 'start one with `npm start`, or name its address with ROLECALL_URL or --url',
    cause,
  });
}

/** The error of a call that was answered by something else. */
export function notRolecall(url: string, why: string): CliError {
  return new CliError(
    exitCodes.unreachable,
    'not_rolecall',
    `what answers at ${url} is not a Rolecall of this version: ${why}`,
    { advice: 'name the address of yours with ROLECALL_URL or --url' },
  );
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.notAuthorized;
  if (status === 429 || status === 503) return exitCodes.unreachable;
  return status >= 500 ? exitCodes.defect : exitCodes.refused;
}

/** What to do about the commonest refusals, in the words of the command line. */
function adviceFor(code: string): string | undefined {
  switch (code) {
    case 'unauthenticated':
      return (
        'set ROLECALL_API_KEY or pass --key;\n' +
        'a lost key is replaced with `npx rolecall keys create admin --direct`'
      );
    case 'organization_not_found':
      return 'see `npx rolecall org list`';
    case 'version_mismatch':
      return 'somebody changed it meanwhile: look at it again, then repeat the change';
    case 'database_unavailable':
      return '`npx rolecall doctor` looks at the database itself';
    default:
      return undefined;
  }
}
