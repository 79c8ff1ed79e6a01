import { allEndpoints, buildOpenApiDocument, errorCodes } from '@rolecall/contract';
import { describe, expect, it } from 'vitest';
import { html, inline } from './html.ts';
import { renderPage } from './page.ts';

const { markup, contentSecurityPolicy } = renderPage(buildOpenApiDocument('9.9.9'));

describe('the page', () => {
  it('shows every endpoint and every error code', () => {
    for (const { operationId } of allEndpoints) expect(markup).toContain(`id="${operationId}"`);
    for (const code of errorCodes) expect(markup).toContain(`id="error-${code}"`);
    expect(markup).toContain('9.9.9');
  });

  it('loads nothing from anywhere', () => {
    expect(markup).not.toMatch(/<(script|img|iframe|link|object)\b/);
    expect(markup).not.toMatch(/@import|url\(/);
    expect(markup).not.toMatch(/ (src|on\w+)=/);
    expect(contentSecurityPolicy).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });

  it('has a target for every link within it', () => {
    const ids = new Set([...markup.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of markup.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });
});

it('escapes every text that is put into markup', () => {
  expect(html`<p title="${'"><script>'}">${"<b>&'"}</p>`.markup).toBe(
    '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;</p>',
  );
  expect(html`${inline('a `<b>` c')}`.markup).toBe('a <code>&lt;b&gt;</code> c');
});
