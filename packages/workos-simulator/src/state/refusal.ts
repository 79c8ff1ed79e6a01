/** The body of an error as WorkOS sends it. */
export interface RefusalBody {
  readonly message: string;
  readonly code?: string;
  readonly errors?: readonly Readonly<Record<string, string>>[];
  readonly [detail: string]: unknown;
}

/** An answer that is not what was asked for: a status and a body, as they go over the wire. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 422;
  readonly body: RefusalBody;

  constructor(status: Refusal['status'], body: RefusalBody) {
    super(body.message);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
  }
}

/** 404: there is no `kind` of this id. */
export function notFound(kind: string, id: string): Refusal {
  return new Refusal(404, { code: 'entity_not_found', message: `${kind} not found: '${id}'.` });
}

/** 400 with a code. */
export function badRequest(code: string, message = 'Request could not be processed.'): Refusal {
  return new Refusal(400, { code, message });
}

/** 409 with a code. */
export function conflict(code: string, message = 'Request could not be processed.'): Refusal {
  return new Refusal(409, { code, message });
}

/** 422 with a code that names the rule. */
export function unprocessable(code: string, message: string): Refusal {
  return new Refusal(422, { code, message });
}

/** 422 for a request whose parameters are not what they should be. */
export function invalidParameters(errors: readonly Readonly<Record<string, string>>[]): Refusal {
  return new Refusal(422, {
    code: 'invalid_request_parameters',
    message: 'Validation failed.',
    errors,
  });
}
