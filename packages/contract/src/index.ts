/** What crosses the wire: schemas, error codes, limits and the OpenAPI routes. */
export { type ErrorCode, errorCodes } from './error-codes.ts';
