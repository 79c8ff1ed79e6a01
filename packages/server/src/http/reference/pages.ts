import { buildOpenApiDocument } from '@rolecall/contract';
import { version } from '../version.ts';
import { type RenderedReply } from '../reply.ts';
import { renderPage } from './page.ts';

/** A page that anybody may read, at a path of its own. */
export interface ReferencePage {
  readonly path: string;
  readonly answer: () => Promise<RenderedReply>;
}

const openApi = once(() => JSON.stringify(buildOpenApiDocument(version)));

const reference = once(() => renderPage(buildOpenApiDocument(version)));

export const referencePages: readonly ReferencePage[] = [
  { path: '/openapi.json', answer: () => page(openApi(), { 'Content-Type': 'application/json' }) },
  {
    path: '/docs',
    answer: () =>
      page(reference().markup, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': reference().contentSecurityPolicy,
      }),
  },
];

function page(body: string, headers: Readonly<Record<string, string>>): Promise<RenderedReply> {
  return Promise.resolve({ status: 200, headers, body });
}

/** Makes a value when it is first asked for, and keeps it. */
function once<Value>(make: () => Value): () => Value {
  let value: { readonly made: Value } | undefined;
  return () => (value ??= { made: make() }).made;
}
