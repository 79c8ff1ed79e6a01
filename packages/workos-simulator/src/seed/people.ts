/** Somebody in a demonstration; the roles are slugs, the first one counts where only one is allowed. */
export interface DemoPerson {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly roles: readonly string[];
}

export interface DemoOrganization {
  /** What the host application calls it; it calls a person by the name in their address. */
  readonly externalId: string;
  readonly name: string;
  readonly roles: readonly {
    readonly slug: string;
    readonly name: string;
    readonly description: string;
  }[];
  readonly people: readonly DemoPerson[];
}

function person(
  firstName: string,
  lastName: string,
  email: string,
  ...roles: readonly string[]
): DemoPerson {
  return { firstName, lastName, email, roles };
}

export const KESTREL: DemoOrganization = {
  externalId: 'kestrel',
  name: 'Kestrel Robotics',
  roles: [
    {
      slug: 'org-firmware-engineer',
      name: 'Firmware engineer',
      description: 'Builds and ships what runs on the robots',
    },
    {
      slug: 'org-fleet-operator',
      name: 'Fleet operator',
      description: 'Watches the robots in the field and stops them',
    },
    {
      slug: 'org-auditor',
      name: 'Auditor',
      description: 'Reads everything, changes nothing',
    },
  ],
  people: [
    person('Inês', 'Carvalho', 'ines.carvalho@kestrel.example', 'admin'),
    person('Marcus', 'Bell', 'marcus.bell@kestrel.example', 'admin', 'org-fleet-operator'),
    person('Дарья', 'Соколова', 'darya.sokolova@kestrel.example', 'org-firmware-engineer'),
    person('Hana', 'Novotná', 'hana.novotna@kestrel.example', 'org-firmware-engineer'),
    person('Leo', 'Grant', 'leo.grant@kestrel.example', 'org-fleet-operator'),
    person('Noor', 'Ali', 'noor.ali@kestrel.example', 'org-fleet-operator', 'org-auditor'),
    person('Peter', 'Hoffmann', 'peter.hoffmann@kestrel.example', 'member'),
  ],
};

export const HALCYON: DemoOrganization = {
  externalId: 'halcyon',
  name: 'Halcyon Health',
  roles: [
    { slug: 'org-nurse', name: 'Nurse', description: 'Sees the patients of a ward' },
    { slug: 'org-physician', name: 'Physician', description: 'Sees and treats patients' },
    { slug: 'org-billing', name: 'Billing', description: 'Sees invoices, no medical data' },
  ],
  people: [
    person('Ruth', 'Mensah', 'ruth.mensah@halcyon.example', 'admin'),
    person('أمينة', 'حداد', 'amina.haddad@halcyon.example', 'member'),
    person('Greta', 'Lindqvist', 'greta.lindqvist@halcyon.example', 'member'),
    person('Sam', 'Okafor', 'sam.okafor@halcyon.example', 'member'),
    person('Clara', 'Weiss', 'clara.weiss@halcyon.example', 'org-billing'),
  ],
};

export const BAOBAB: DemoOrganization = {
  externalId: 'baobab',
  name: 'Baobab Logistics',
  roles: [
    { slug: 'org-dispatcher', name: 'Dispatcher', description: 'Plans routes and drivers' },
    { slug: 'org-customs-broker', name: 'Customs broker', description: 'Files declarations' },
  ],
  people: [
    person('王', '小明', 'wang.xiaoming@baobab.example', 'admin'),
    person('Zanele', 'Dube', 'zanele.dube@baobab.example', 'admin', 'org-dispatcher'),
    person('Σοφία', 'Παπαδοπούλου', 'sofia.papadopoulou@baobab.example', 'org-customs-broker'),
    person('Juma', 'Otieno', 'juma.otieno@baobab.example', 'org-dispatcher'),
    person('Siobhán', "O'Rourke", 'siobhan.orourke@baobab.example', 'member'),
  ],
};
