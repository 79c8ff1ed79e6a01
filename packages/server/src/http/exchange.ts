import { type Service } from './service.ts';

/**
 * One request on its way through. What the log line is to say about it is noted as soon as it is known, so
 * that a request which fails is logged with it too.
 */
export interface Exchange {
  readonly service: Service;
  readonly request: Request;
  readonly requestId: string;
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly notes: ExchangeNotes;
}

export interface ExchangeNotes {
  apiKeyId?: string;
  organizationId?: string;
  code?: string;
}
