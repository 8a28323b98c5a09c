import type { PortnerBuilder } from "../identity/index.ts";
import type { EnrolDeps } from "./enrol-phone.ts";
import type { IssueDeps } from "./issue-enrolment-code.ts";
import { addEnrolPhone, addIssueEnrolmentCode } from "./graphql/enrolment.ts";
import { isOf, mayKnow, mayName } from "./graphql/reach.ts";
import { credentialByPublicId, credentialsOfPersons, type CredentialRow } from "./store/credentials.ts";
import {
  departmentByPublicId,
  departmentsByIds,
  providerByPublicId,
  providersByIds,
  type DepartmentRow,
  type ProviderRow,
} from "./store/organisation.ts";
import { personByPublicId, personsByIds, type PersonRow } from "./store/persons.ts";
import { tenantByPublicId, type TenantRow } from "./store/tenants.ts";

/** The types of people; higher domains add to them with `builder.objectFields`. */
function makeRefs(builder: PortnerBuilder) {
  return {
    TenantRef: builder.objectRef<TenantRow>("Tenant"),
    DepartmentRef: builder.objectRef<DepartmentRow>("Department"),
    ProviderRef: builder.objectRef<ProviderRow>("Provider"),
    PersonRef: builder.objectRef<PersonRow>("Person"),
    CredentialRef: builder.objectRef<CredentialRow>("Credential"),
  };
}

type Refs = ReturnType<typeof makeRefs>;

/** Adds tenants, departments, providers, persons and credentials, and the enrolment of phones. */
export function extendPeople(builder: PortnerBuilder, deps: EnrolDeps & IssueDeps): Refs {
  const refs = makeRefs(builder);
  addOrganisation(builder, refs, deps);
  addPerson(builder, refs, deps);
  addCredential(builder, refs, deps);
  addIssueEnrolmentCode(builder, deps);
  addEnrolPhone(builder, deps);
  return refs;
}

function addOrganisation(builder: PortnerBuilder, refs: Refs, { database: { tables } }: EnrolDeps): void {
  builder.node(refs.TenantRef, {
    description: "A municipality.",
    id: { resolve: (row) => row.publicId },
    authScopes: (row, { principal }) => isOf(principal, row.id),
    loadOne: async (id, { principal }) => {
      const row = await tenantByPublicId(tables, id);
      return row !== undefined && isOf(principal, row.id) ? row : null;
    },
    fields: (t) => ({ name: t.exposeString("name"), timeZone: t.exposeString("timeZone") }),
  });
  builder.node(refs.DepartmentRef, {
    description: "A department of the municipality.",
    id: { resolve: (row) => row.publicId },
    authScopes: (row, { principal }) => isOf(principal, row.tenant),
    loadOne: async (id, { principal }) => {
      const row = await departmentByPublicId(tables, id);
      return row !== undefined && isOf(principal, row.tenant) ? row : null;
    },
    fields: (t) => ({
      externalId: t.exposeString("externalId"),
      name: t.exposeString("name"),
      kind: t.exposeString("kind", { description: "What the department does: homecare, nursing, night, hotline …" }),
    }),
  });
  builder.node(refs.ProviderRef, {
    description: "A private provider of home care.",
    id: { resolve: (row) => row.publicId },
    authScopes: (row, { principal }) => isOf(principal, row.tenant),
    loadOne: async (id, { principal }) => {
      const row = await providerByPublicId(tables, id);
      return row !== undefined && isOf(principal, row.tenant) ? row : null;
    },
    fields: (t) => ({
      externalId: t.exposeString("externalId"),
      name: t.exposeString("name"),
      contractEnd: t.expose("contractEnd", {
        type: "DateTime",
        nullable: true,
        description: "All access of the provider's staff ends then. Null: open-ended.",
      }),
    }),
  });
}

function addPerson(builder: PortnerBuilder, refs: Refs, { database: { tables } }: EnrolDeps): void {
  builder.node(refs.PersonRef, {
    description: "An employee or temp, of a department or a provider.",
    id: { resolve: (row) => row.publicId },
    authScopes: (row, { principal }) => mayKnow(principal, row),
    loadOne: async (id, { principal }) => {
      const row = await personByPublicId(tables, id);
      return row !== undefined && mayKnow(principal, row) ? row : null;
    },
    fields: (t) => ({
      externalId: t.exposeString("externalId", { description: "The care system's user id." }),
      name: t.string({
        nullable: true,
        description: "Null for integrators that do not sync staff.",
        resolve: (row, _args, { principal }) => (mayName(principal, row) ? row.name : null),
      }),
      profession: t.exposeString("profession"),
      active: t.exposeBoolean("active"),
      department: t.loadable({
        type: refs.DepartmentRef,
        nullable: true,
        load: async (ids: number[]) => [...(await departmentsByIds(tables, ids))],
        sort: (row) => row.id,
        resolve: (row) => row.department,
      }),
      provider: t.loadable({
        type: refs.ProviderRef,
        nullable: true,
        load: async (ids: number[]) => [...(await providersByIds(tables, ids))],
        sort: (row) => row.id,
        resolve: (row) => row.provider,
      }),
      credentials: t.loadableGroup({
        type: refs.CredentialRef,
        load: async (ids: number[]) => [...(await credentialsOfPersons(tables, ids))],
        group: (row) => row.person,
        resolve: (row) => row.id,
      }),
    }),
  });
}

function addCredential(builder: PortnerBuilder, refs: Refs, { database: { tables } }: EnrolDeps): void {
  builder.node(refs.CredentialRef, {
    description: "A phone, tablet or smartkey of one person.",
    id: { resolve: (row) => row.publicId },
    // Its holder decides who sees more than this; see `person`.
    authScopes: (row, { principal }) => isOf(principal, row.tenant),
    loadOne: async (id, { principal }) => {
      const row = await credentialByPublicId(tables, id);
      const [holder] = row === undefined ? [] : await personsByIds(tables, [row.person]);
      return row !== undefined && holder !== undefined && mayKnow(principal, holder) ? row : null;
    },
    fields: (t) => ({
      form: t.exposeString("form", { description: "phone, tablet or smartkey." }),
      model: t.exposeString("model"),
      generation: t.exposeInt("generation", { description: "Rises when locks must accept it anew." }),
      validFrom: t.expose("validFrom", { type: "DateTime" }),
      validUntil: t.expose("validUntil", { type: "DateTime", nullable: true }),
      enrolledAt: t.expose("createdAt", { type: "DateTime" }),
      person: t.loadable({
        type: refs.PersonRef,
        load: async (ids: number[]) => [...(await personsByIds(tables, ids))],
        sort: (row) => row.id,
        resolve: (row) => row.person,
      }),
    }),
  });
}
