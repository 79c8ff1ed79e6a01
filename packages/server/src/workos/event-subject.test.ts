import { startSimulator } from '@rolecall/workos-simulator';
import { afterAll, describe, expect, it } from 'vitest';
import { eventSubject, parseWebhookEvent, syncedEventTypes } from './event-subject.ts';
import { type RemoteEvent } from './facts.ts';

const simulator = await startSimulator({ demo: true });
afterAll(() => simulator.close());

const event = (type: string, data: unknown): RemoteEvent => ({
  id: 'event_1',
  type,
  createdAt: '2026-01-01T00:00:00.000Z',
  data,
});

describe('eventSubject', () => {
  it('finds the subject of every event that the simulator has sent', () => {
    const organization = simulator.dashboard.createOrganization({ name: 'Initech' });
    const [anyone] = simulator.state().users;
    simulator.dashboard.createRole({
      organization: 'Initech',
      name: 'Auditor',
      slug: 'org-auditor',
    });
    simulator.dashboard.addMember({ organization: 'Initech', user: String(anyone?.['email']) });
    simulator.dashboard.suspendMember({ organization: 'Initech', user: String(anyone?.['email']) });
    simulator.dashboard.deleteOrganization({ organization: organization.id });
    const kinds = new Set<string>();
    for (const sent of simulator.state({ events: true }).events.all ?? []) {
      const subject = eventSubject(event(String(sent['event']), sent['data']));
      if (syncedEventTypes.some((type) => type === sent['event'])) kinds.add(subject.kind);
      else expect(subject.kind).toBe('unknown');
    }
    expect([...kinds].sort()).toEqual([
      'environment_role',
      'membership',
      'organization',
      'organization_role',
      'user',
    ]);
  });

  it('tells a suspension of which life of a membership it is', () => {
    const data = { id: 'om_1', organization_id: 'org_1', user_id: 'user_1', status: 'inactive' };
    expect(eventSubject(event('organization_membership.updated', data))).toEqual({
      kind: 'membership',
      remoteId: 'om_1',
      organizationId: 'org_1',
      userId: 'user_1',
      status: 'inactive',
      deleted: false,
    });
  });

  it.each(['organization_role', 'role', 'user', 'organization', 'organization_membership'])(
    'refuses a payload of %s that does not say what it is about',
    (subject) => {
      for (const data of [null, 'text', {}, { id: '', slug: '' }]) {
        expect(() => eventSubject(event(`${subject}.updated`, data))).toThrow(
          expect.objectContaining({ kind: 'malformed', code: 'unexpected_answer' }),
        );
      }
    },
  );

  it.each(['role', 'rolex', 'role.', 'user.merged', '', '.', 'organization_membership.moved'])(
    'takes the type `%s` for an unknown one, whatever its payload',
    (type) => {
      expect(eventSubject(event(type, null))).toEqual({ kind: 'unknown' });
    },
  );
});

describe('parseWebhookEvent', () => {
  it('reads the event of a webhook', () => {
    const body = JSON.stringify({
      object: 'event',
      id: 'event_1',
      event: 'user.updated',
      created_at: '2026-01-01T00:00:00.000Z',
      data: { id: 'user_1' },
      context: {},
    });
    expect(parseWebhookEvent(body)).toEqual(event('user.updated', { id: 'user_1' }));
  });

  it.each(['', 'null', '[]', '{"id":1}', '<html>'])('reads nothing out of `%s`', (body) => {
    expect(parseWebhookEvent(body)).toBeUndefined();
  });
});
