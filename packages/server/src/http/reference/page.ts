import { createHash } from 'node:crypto';
import {
  allEndpoints,
  type AnyEndpoint,
  errorCodes,
  limits,
  type OpenApiDocument,
  problemKinds,
} from '@rolecall/contract';
import { html, type Html, inline, prose } from './html.ts';
import { operationView } from './operation-view.ts';
import { stylesheet } from './stylesheet.ts';

/** The page, and the only thing that it may load: nothing. */
export interface Page {
  readonly markup: string;
  readonly contentSecurityPolicy: string;
}

/** The readable reference: one page that needs neither a script nor the network. */
export function renderPage(document: OpenApiDocument): Page {
  const hash = createHash('sha256').update(stylesheet).digest('base64');
  return {
    markup: `<!doctype html>\n${pageView(document).markup}`,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; frame-ancestors 'none'`,
  };
}

function pageView(document: OpenApiDocument): Html {
  const groups = groupsOf(allEndpoints);
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>Rolecall API reference</title>
      <style>
        ${{ markup: stylesheet }}
      </style>
    </head>
    <body>
      ${navigationView(groups)}
      <main>
        <header id="top">
          <h1>Rolecall API</h1>
          <p class="version">
            version ${document.info.version} · <a href="openapi.json">openapi.json</a>
          </p>
          ${prose(document.info.description ?? '')}
        </header>
        ${groups.map(([tag, endpoints]) => groupView(tag, endpoints, document))} ${limitsView()}
        ${errorsView()}
      </main>
    </body>
  </html>`;
}

type Group = readonly [tag: string, endpoints: readonly AnyEndpoint[]];

function groupsOf(endpoints: readonly AnyEndpoint[]): readonly Group[] {
  return [...Map.groupBy(endpoints, ({ tag }) => tag)];
}

const anchor = (tag: string): string => tag.toLowerCase().replaceAll(' ', '-');

function navigationView(groups: readonly Group[]): Html {
  return html`<nav aria-label="Contents">
    <a class="brand" href="#top">Rolecall</a>
    ${groups.map(
      ([tag, endpoints]) =>
        html`<section>
          <h2><a href="#${anchor(tag)}">${tag}</a></h2>
          <ul>
            ${endpoints.map(
              ({ operationId, method, summary }) =>
                html`<li>
                  <a href="#${operationId}"
                    ><span class="method ${method}">${method.toUpperCase()}</span>
                    <span>${summary}</span></a
                  >
                </li>`,
            )}
          </ul>
        </section>`,
    )}
    <section>
      <h2><a href="#limits">Limits</a></h2>
      <h2><a href="#errors">Errors</a></h2>
    </section>
  </nav>`;
}

function groupView(
  tag: string,
  endpoints: readonly AnyEndpoint[],
  document: OpenApiDocument,
): Html {
  return html`<section id="${anchor(tag)}">
    <h2>${tag}</h2>
    ${endpoints.map((endpoint) => operationView(endpoint, document))}
  </section>`;
}

function limitsView(): Html {
  const rows: readonly (readonly [string, number, string])[] = [
    ['Items on a page', limits.pageSize, `${limits.defaultPageSize} when not named`],
    ['Checks in a call', limits.checks, ''],
    ['Resource ids in a filter call', limits.resourceIds, ''],
    ['Selectors of a role', limits.selectorsPerRole, 'over all its grants'],
    ['Grants in a call that gives or takes them', limits.grantsPerCall, ''],
    ['Roles of a member, members named in a call', limits.idsPerCall, ''],
    ['Roles in an import', limits.importRoles, ''],
    ['Members in an import', limits.importMembers, ''],
    [
      'Bytes of a body',
      limits.bodyBytes,
      `an import: ${limits.importBodyBytes.toLocaleString('en-US')}`,
    ],
    ['Bytes of an id', limits.identifierBytes, ''],
    ['Levels of nesting', limits.jsonDepth, ''],
  ];
  return html`<section id="limits">
    <h2>Limits</h2>
    <p>What is over a limit is refused with a 4xx that names it.</p>
    <div class="table">
      <table>
        <tbody>
          ${rows.map(
            ([what, limit, note]) =>
              html`<tr>
                <td>${what}</td>
                <td class="number">${limit.toLocaleString('en-US')}</td>
                <td>${note}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function errorsView(): Html {
  return html`<section id="errors">
    <h2>Errors</h2>
    <p>Every error is <code>application/problem+json</code>. The list of codes is closed.</p>
    <div class="table">
      <table>
        <thead>
          <tr>
            <th>Code</th>
            <th>Status</th>
            <th>Meaning</th>
            <th>What to do</th>
          </tr>
        </thead>
        <tbody>
          ${errorCodes.map((code) => {
            const { status, meaning, advice } = problemKinds[code];
            return html`<tr id="error-${code}">
              <td><code>${code}</code></td>
              <td class="number">${status}</td>
              <td>${inline(meaning)}</td>
              <td>${inline(advice)}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}
