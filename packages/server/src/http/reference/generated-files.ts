import { buildOpenApiDocument } from '@rolecall/contract';
import { version } from '../version.ts';
import { renderErrorCodes } from './error-codes-page.ts';

/** A file that is generated from the contract and committed. */
export interface GeneratedFile {
  readonly url: URL;
  readonly content: string;
}

const folder = new URL('../../../../../docs/generated/', import.meta.url);

/** The committed files as they should be now. */
export function generatedFiles(): readonly GeneratedFile[] {
  const document = buildOpenApiDocument(version);
  return [
    { url: new URL('openapi.json', folder), content: `${JSON.stringify(document, null, 2)}\n` },
    { url: new URL('error-codes.md', folder), content: renderErrorCodes() },
  ];
}
