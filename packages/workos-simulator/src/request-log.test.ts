import { expect, test } from 'vitest';
import { pathPattern, RequestLog } from './request-log.ts';

function send(log: RequestLog, method: string, path: string, status: number): void {
  const url = new URL(path, 'http://simulator.invalid');
  log.end(log.begin(new Request(url, { method }), url, 0), 'answered', status, 3);
}

test('keeps the latest requests and counts all of them', () => {
  const log = new RequestLog(10);
  for (let index = 0; index < 95; index += 1) {
    send(log, 'GET', `/organizations/org_${index}`, index % 2 === 0 ? 200 : 404);
  }
  expect(log.list()).toHaveLength(10);
  expect(log.list().at(-1)?.path).toBe('/organizations/org_94');
  expect(log.counts()).toMatchObject({
    total: 95,
    inFlight: 0,
    byRoute: { 'GET /organizations/*': 95 },
    byStatus: { 200: 48, 404: 47 },
  });
});

test('finds requests by method, pattern of path and status', () => {
  const log = new RequestLog(10);
  send(log, 'GET', '/organizations', 200);
  send(log, 'PUT', '/user_management/organization_memberships/om_1', 422);
  send(log, 'PUT', '/user_management/organization_memberships/om_1/deactivate', 200);
  expect(log.list({ method: 'PUT' })).toHaveLength(2);
  expect(log.list({ path: '/user_management/organization_memberships/*' })).toHaveLength(1);
  expect(log.list({ path: '/user_management/**' })).toHaveLength(2);
  expect(log.list({ status: 422 })).toHaveLength(1);
});

test('a star in a pattern stands for one segment, two for anything', () => {
  expect(pathPattern('/a/*/c').test('/a/b/c')).toBe(true);
  expect(pathPattern('/a/*/c').test('/a/b/b/c')).toBe(false);
  expect(pathPattern('/a/**').test('/a/b/b/c')).toBe(true);
  expect(pathPattern('/a.b').test('/axb')).toBe(false);
});
