import { describe, expect, test } from 'vitest';
import { createOpenApiValidator, type ValidatedExchange } from './openapi-validator.ts';
import { type Json } from './json.ts';
import { socketless } from './socketless.ts';

const validator = createOpenApiValidator();

async function exchangeOf(method: string, url: string): Promise<ValidatedExchange> {
  const { simulator, api } = socketless({ demo: true });
  const organization = String(simulator.state().organizations[0]?.['id']);
  const { status, body } = await api(method, url.replace('ORG', organization));
  return {
    method,
    url: url.replace('ORG', organization),
    requestBody: '',
    status,
    responseBody: JSON.stringify(body),
  };
}

function altered(exchange: ValidatedExchange, change: (body: Json) => Json): ValidatedExchange {
  const body = JSON.parse(exchange.responseBody) as Json;
  return { ...exchange, responseBody: JSON.stringify(change(body)) };
}

describe('the validator', () => {
  test('accepts what the simulator answers', async () => {
    expect(validator.check(await exchangeOf('GET', '/organizations/ORG'))).toEqual([]);
  });

  test('notices a property that is missing, wrong or not declared', async () => {
    const good = await exchangeOf('GET', '/organizations/ORG');
    const { name: _name, ...rest } = JSON.parse(good.responseBody) as Json & { name: string };
    expect(_name).toBeDefined();
    for (const bad of [
      altered(good, () => rest),
      altered(good, (body) => ({ ...body, name: 5 })),
      altered(good, (body) => ({ ...body, created_at: 'yesterday' })),
      altered(good, (body) => ({ ...body, nmae: 'Acme' })),
    ]) {
      expect(validator.check(bad)).toHaveLength(1);
    }
  });

  test('notices a status, a path, a query parameter or a body that is not declared', async () => {
    const good = await exchangeOf('GET', '/organizations?limit=5');
    expect(validator.check(good)).toEqual([]);
    expect(validator.check({ ...good, status: 418 })).toHaveLength(1);
    expect(validator.check({ ...good, url: '/organisations' })).toHaveLength(1);
    expect(validator.check({ ...good, url: '/organizations?limt=5' })).toHaveLength(1);
    expect(validator.check({ ...good, url: '/organizations?limit=500' })).toHaveLength(1);
  });

  test('notices a wrong request that was accepted, and forgives one that was refused', () => {
    const request = {
      method: 'POST',
      url: '/authorization/roles',
      requestBody: JSON.stringify({ slug: 'x'.repeat(60), name: 'X' }),
    };
    const refused = { ...request, status: 422, responseBody: '{"message":"no"}' };
    expect(validator.check(refused)).toEqual([]);
    const accepted = { ...refused, status: 201 };
    expect(validator.check(accepted).some((problem) => problem.includes('request'))).toBe(true);
  });

  test('compares every event of a page with the schema of its type', async () => {
    const good = await exchangeOf('GET', '/events?events=organization.created');
    expect(validator.check(good)).toEqual([]);
    const bad = altered(good, (body) => ({
      ...body,
      data: (body['data'] as readonly Json[]).map((event) => ({ ...event, data: {} })),
    }));
    expect(validator.check(bad).length).toBeGreaterThan(0);
    expect(validator.checkEvent({ event: 'galaxy.formed' })).toEqual([
      'event `galaxy.formed` is not in the document',
    ]);
  });

  test('watches a `fetch`', async () => {
    const watching = createOpenApiValidator();
    const { simulator } = socketless({ demo: true });
    const fetch = watching.wrap((input, init) => simulator.fetch(new Request(input, init)));
    const response = await fetch('http://simulator.invalid/organizations?limit=1', {
      headers: { Authorization: `Bearer ${simulator.apiKey}` },
    });
    expect(await response.json()).toMatchObject({ object: 'list' });
    await fetch('http://simulator.invalid/nowhere');
    expect(watching.covered()).toEqual(['GET /organizations 200']);
    expect(watching.problems()).toEqual(['GET /nowhere: not in the document']);
  });
});
