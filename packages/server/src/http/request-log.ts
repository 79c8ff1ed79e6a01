import { RolecallError } from '../errors/index.ts';
import { sqlStateOf, violatedConstraint } from '../database/index.ts';
import { type LogFields, type Logger } from './logger.ts';

interface RequestLine {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly requestId: string;
  readonly apiKeyId?: string;
  readonly organizationId?: string;
  readonly code?: string;
}

/** The one line about a request: what was asked by its template, never with what. */
export function logRequest(logger: Logger, line: RequestLine): void {
  logger.info(
    {
      method: line.method,
      route: line.route,
      status: line.status,
      duration_ms: Math.round(line.milliseconds * 1_000) / 1_000,
      request_id: line.requestId,
      ...(line.apiKeyId !== undefined && { api_key_id: line.apiKeyId }),
      ...(line.organizationId !== undefined && { organization_id: line.organizationId }),
      ...(line.code !== undefined && { code: line.code }),
    },
    'request',
  );
}

/** Says why a request failed, when that was not the caller's doing. */
export function logFailure(
  logger: Logger,
  error: unknown,
  request: { readonly requestId: string; readonly method: string; readonly route: string },
): void {
  if (error instanceof RolecallError && error.species === 'refusal') return;
  const fields = {
    request_id: request.requestId,
    method: request.method,
    route: request.route,
    error: describeError(error),
  };
  if (error instanceof RolecallError && error.species === 'outage') {
    logger.warn(fields, 'outage');
  } else {
    logger.error(fields, 'defect');
  }
}

/** An error for the log. PostgreSQL puts values of rows into its messages, so of those only the state is told. */
function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { type: typeof error };
  const state = sqlStateOf(error);
  const constraint = violatedConstraint(error);
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return {
    name: error.name,
    ...(state === undefined ? { message: error.message } : { sqlstate: state }),
    ...(constraint !== undefined && { constraint }),
    ...(frames !== undefined && { stack: frames.slice(0, 12) }),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
