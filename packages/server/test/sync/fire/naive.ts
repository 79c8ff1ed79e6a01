import { type SimulatorHandler } from '@rolecall/workos-simulator';

/*
 * The naive design, as code that is written again and again: the database first, then three tries within a third
 * of a second to tell WorkOS, in the process that answered the request; and whatever event comes last is taken.
 *
 *   - A push that fails three times is forgotten, and so is one whose process dies.
 *   - An answer that is missing is tried again without looking; 404 and 409 count as done.
 *   - An event is applied with the data that it carries, unless its id is not newer than the last one that was
 *     applied to the same thing. Local changes do not move that id.
 *   - A membership event whose roles are not known here takes the roles away that it had.
 *   - An event of something unknown is skipped. A cursor that is not kept any more begins at the newest event.
 */

interface NaiveRole {
  readonly id: number;
  slug: string;
  name: string;
  description: string | null;
  lastEventId: string;
  deleted: boolean;
}

interface NaiveMember {
  readonly remoteId: string;
  readonly userId: string;
  status: string;
  roles: readonly string[];
  lastEventId: string;
}

interface NaiveEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type Call = readonly [method: string, path: string, body?: Readonly<Record<string, unknown>>];

const TRIES = 3;
const TYPES = [
  'organization_membership.created',
  'organization_membership.updated',
  'organization_membership.deleted',
  'organization_role.created',
  'organization_role.updated',
  'organization_role.deleted',
  'role.created',
  'role.deleted',
];

/** The local side of the naive design, and what it does to keep the other one equal. */
export class NaiveModel {
  readonly roles: NaiveRole[] = [];
  readonly members = new Map<string, NaiveMember>();
  readonly environment = new Set<string>(['admin', 'member']);
  readonly #simulator: SimulatorHandler;
  readonly #remoteId: string;
  readonly #advance: (ms: number) => Promise<void>;
  #cursor: string | null = null;
  #made = 0;

  constructor(
    simulator: SimulatorHandler,
    remoteId: string,
    advance: (ms: number) => Promise<void>,
  ) {
    this.#simulator = simulator;
    this.#remoteId = remoteId;
    this.#advance = advance;
  }

  /** The first copy, taken while nothing is wrong. */
  link(): void {
    const { roles, organization_memberships: memberships, events } = this.#simulator.state();
    for (const role of roles) {
      if (role['organization_id'] === null) this.environment.add(String(role['slug']));
      if (role['organization_id'] === this.#remoteId) this.#takeRole(role, '');
    }
    for (const one of memberships) {
      if (one['organization_id'] === this.#remoteId) this.#takeMember(one, '');
    }
    this.#cursor = events.newest;
  }

  liveRoles(): readonly NaiveRole[] {
    return this.roles
      .filter(({ deleted }) => !deleted)
      .toSorted((one, other) => (one.slug < other.slug ? -1 : 1));
  }

  /** Makes a role here, then tells WorkOS. `dies`: the process ends in between. */
  async createRole(
    role: Pick<NaiveRole, 'slug' | 'name' | 'description'>,
    dies: boolean,
  ): Promise<void> {
    if (this.liveRoles().some(({ slug }) => slug === role.slug)) return;
    this.#made += 1;
    this.roles.push({ ...role, id: this.#made, lastEventId: '', deleted: false });
    await this.#push(dies, ['POST', this.#rolesPath, { ...role }]);
  }

  async editRole(
    slug: string,
    change: Pick<NaiveRole, 'name' | 'description'>,
    dies: boolean,
  ): Promise<void> {
    const role = this.liveRoles().find((one) => one.slug === slug);
    if (role === undefined) return;
    Object.assign(role, change);
    await this.#push(dies, ['PATCH', `${this.#rolesPath}/${slug}`, { ...change }]);
  }

  async deleteRole(slug: string, dies: boolean): Promise<void> {
    const role = this.liveRoles().find((one) => one.slug === slug);
    if (role === undefined) return;
    role.deleted = true;
    for (const member of this.members.values()) {
      if (!member.roles.includes(slug)) continue;
      const rest = member.roles.filter((held) => held !== slug);
      member.roles = rest.length === 0 ? ['member'] : rest;
      await this.#pushRoles(member, dies);
    }
    await this.#push(dies, ['DELETE', `${this.#rolesPath}/${slug}`]);
  }

  async setRoles(member: NaiveMember, roles: readonly string[], dies: boolean): Promise<void> {
    member.roles = [...roles].sort();
    await this.#pushRoles(member, dies);
  }

  /** Reads the stream to its end and applies what it says, the last word last. */
  async pull(): Promise<void> {
    for (let page = 0; page < 50; page += 1) {
      const query = new URLSearchParams({ events: TYPES.join(','), limit: '100' });
      if (this.#cursor !== null) query.set('after', this.#cursor);
      const answer = await this.#call(['GET', `/events?${query.toString()}`]);
      if (answer?.status === 400) this.#cursor = this.#simulator.state().events.newest;
      if (answer?.status !== 200) return;
      const body = (await answer.json().catch(() => null)) as {
        data?: readonly NaiveEvent[];
      } | null;
      const events = body?.data ?? [];
      for (const event of events) this.#apply(event);
      const last = events.at(-1);
      if (last === undefined || events.length < 100) {
        if (last !== undefined) this.#cursor = last.id;
        return;
      }
      this.#cursor = last.id;
    }
  }

  get #rolesPath(): string {
    return `/authorization/organizations/${this.#remoteId}/roles`;
  }

  #pushRoles(member: NaiveMember, dies: boolean): Promise<void> {
    const path = `/user_management/organization_memberships/${member.remoteId}`;
    return this.#push(dies, ['PUT', path, { role_slugs: member.roles }]);
  }

  async #push(dies: boolean, call: Call): Promise<void> {
    if (dies) return;
    for (let tried = 0; tried < TRIES; tried += 1) {
      const answer = await this.#call(call);
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) return;
      await this.#advance(100);
    }
  }

  /** One request; nothing when no answer comes within a hundred milliseconds of the simulator's clock. */
  async #call([method, path, body]: Call): Promise<Response | undefined> {
    const giveUp = new AbortController();
    const request = new Request(`http://workos.test${path}`, {
      method,
      signal: giveUp.signal,
      headers: {
        authorization: `Bearer ${this.#simulator.apiKey}`,
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    let answer: Response | undefined | 'lost';
    this.#simulator.fetch(request).then(
      (response) => {
        answer = response;
      },
      () => {
        answer = 'lost';
      },
    );
    for (let turn = 0; turn < 60 && answer === undefined; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (answer === undefined) {
      giveUp.abort();
      await this.#advance(100);
    }
    return answer === 'lost' ? undefined : answer;
  }

  #apply({ id, event, data }: NaiveEvent): void {
    if (event === 'role.created') this.environment.add(String(data['slug']));
    if (event === 'role.deleted') this.environment.delete(String(data['slug']));
    if (data['organization_id'] !== this.#remoteId) return;
    if (event === 'organization_membership.deleted') this.members.delete(String(data['id']));
    else if (event.startsWith('organization_membership.')) this.#takeMember(data, id);
    else if (event === 'organization_role.deleted') this.#endRole(data, id);
    else this.#takeRole(data, id);
  }

  #takeRole(data: Readonly<Record<string, unknown>>, eventId: string): void {
    const slug = String(data['slug']);
    const known = this.roles.findLast((role) => role.slug === slug);
    const fields = {
      name: String(data['name']),
      description: typeof data['description'] === 'string' ? data['description'] : null,
    };
    if (known === undefined) {
      this.#made += 1;
      this.roles.push({ id: this.#made, slug, ...fields, lastEventId: eventId, deleted: false });
    } else if (eventId > known.lastEventId) {
      Object.assign(known, fields, { lastEventId: eventId, deleted: false });
    }
  }

  #endRole(data: Readonly<Record<string, unknown>>, eventId: string): void {
    const known = this.roles.findLast(({ slug }) => slug === String(data['slug']));
    if (known === undefined || eventId <= known.lastEventId) return;
    Object.assign(known, { deleted: true, lastEventId: eventId });
  }

  #takeMember(data: Readonly<Record<string, unknown>>, eventId: string): void {
    const remoteId = String(data['id']);
    const slugs =
      (data['roles'] as readonly { slug: string }[] | undefined)?.map(({ slug }) => slug) ?? [];
    const known = new Set([...this.environment, ...this.liveRoles().map(({ slug }) => slug)]);
    // One role that is not known here, and nobody's roles are left.
    const roles = slugs.every((slug) => known.has(slug)) ? [...slugs].sort() : [];
    const status = String(data['status']);
    const member = this.members.get(remoteId);
    if (member !== undefined && eventId <= member.lastEventId) return;
    if (member === undefined) {
      const userId = String(data['user_id']);
      this.members.set(remoteId, { remoteId, userId, status, roles, lastEventId: eventId });
    } else Object.assign(member, { status, roles, lastEventId: eventId });
  }
}
