import { dashboardActions, directoryActions } from '../dashboard/index.ts';
import type { World } from '../state/index.ts';
import { BAOBAB, HALCYON, KESTREL, type DemoOrganization, type DemoPerson } from './people.ts';

/**
 * Fills an environment with three organizations: a robotics company with roles of its own, a hospital
 * group whose people come from a directory, and a logistics firm whose names are written in many
 * scripts. One person works for two of them, one is invited, one has left.
 */
export function seedDemo(world: World): void {
  seedOrganization(world, KESTREL);
  seedOrganization(world, HALCYON);
  seedOrganization(world, BAOBAB);
  connectHospital(world);
  const { addMember, invite, suspendMember } = dashboardActions;
  addMember.run(world, { organization: BAOBAB.name, user: 'ines.carvalho@kestrel.example' });
  invite.run(world, { organization: KESTREL.name, email: 'tomasz.wilk@kestrel.example' });
  suspendMember.run(world, { organization: BAOBAB.name, user: 'juma.otieno@baobab.example' });
}

function seedOrganization(world: World, organization: DemoOrganization): void {
  const { createOrganization, createRole } = dashboardActions;
  createOrganization.run(world, { name: organization.name, externalId: organization.externalId });
  for (const role of organization.roles) {
    createRole.run(world, { organization: organization.name, ...role });
  }
  for (const person of organization.people) seedPerson(world, organization.name, person);
}

function seedPerson(world: World, organization: string, person: DemoPerson): void {
  const roles = world.settings.multipleRoles ? person.roles : person.roles.slice(0, 1);
  dashboardActions.addMember.run(world, {
    organization,
    user: person.email,
    firstName: person.firstName,
    lastName: person.lastName,
    externalId: person.email.split('@')[0] ?? null,
    roles: [...roles],
  });
}

function connectHospital(world: World): void {
  const { createGroup, mapGroup, provision } = directoryActions;
  const organization = HALCYON.name;
  const groups = { Nurses: 'org-nurse', Physicians: 'org-physician' };
  for (const [name, role] of Object.entries(groups)) {
    createGroup.run(world, { organization, name });
    mapGroup.run(world, { organization, group: name, role });
  }
  const staff = [
    { email: 'amina.haddad@halcyon.example', groups: ['Physicians'] },
    { email: 'greta.lindqvist@halcyon.example', groups: ['Nurses'] },
    { email: 'sam.okafor@halcyon.example', groups: ['Nurses', 'Physicians'] },
  ];
  for (const person of staff) provision.run(world, { organization, ...person });
}
