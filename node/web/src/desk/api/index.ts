// Every question the desk asks the box, by name; getting in and out is in shared/api.
import { get, post, put, remove, segment } from '../../shared/api/client';
import type { Role, Session } from '../../shared/api/types';
import type {
  AuditLines, AuditVerdict, BulkResult, Choices, Colleague, DeskAccount, DeskDossier, InboxPage, SavedFilter, State, Today, Unit,
} from './types';

/** Names with a value, as the part of an address behind its question mark. */
function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== '') out.set(name, String(value));
  return out.toString();
}

export const accounts = {
  colleagues: () => get<Colleague[]>('/api/people'),
  list: () => get<DeskAccount[]>('/api/accounts'),
  add: (name: string, roles: Role[], phrase: string) => post<object>('/api/accounts', { name, roles, phrase }),
  /** phrase: when the account becomes an administrator's or ceases to be one, what its phrase opens changes. */
  setRoles: (name: string, roles: Role[], phrase = '') => put<object>('/api/accounts/roles', phrase ? { name, roles, phrase } : { name, roles }),
  setPhrase: (name: string, phrase: string) => put<object>('/api/accounts/phrase', { name, phrase }),
  /** to: who takes its dossiers; empty: nobody. */
  close: (name: string, to: string) => post<object>('/api/accounts/close', { name, to }),
};

export interface NewOffice { name: string; unit: string; person: string; phrase: string; code: string }

export const office = {
  /** The first start: makes the commune, and logs its first administrator in. */
  begin: (wish: NewOffice) => post<Session>('/api/setup', wish),
  unit: () => get<Unit>('/api/desk/unit'),
  setUnit: (code: string) => put<Unit>('/api/desk/unit', { code }),
  audit: (asked: { from?: number; person?: string; what?: string; target?: string }) => get<AuditLines>(`/api/desk/audit?${query(asked)}`),
  checkAudit: () => get<AuditVerdict>('/api/desk/audit/check'),
};

export const inbox = {
  today: () => get<Today>('/api/desk/today'),
  choices: () => get<Choices>('/api/desk/choices'),
  list: (asked: Readonly<Record<string, string | number | undefined>>) =>
    get<InboxPage>(`/api/desk/dossiers?${query(asked)}`),
  bulkCharge: (ids: string[], charge: string) => post<BulkResult>('/api/desk/bulk', { ids, charge }),
  bulkState: (ids: string[], state: State, note: string) => post<BulkResult>('/api/desk/bulk', { ids, state, note }),
  filters: () => get<SavedFilter[]>('/api/desk/filters'),
  saveFilter: (name: string, kept: string) => put<object>('/api/desk/filters', { name, query: kept }),
  removeFilter: (name: string) => remove(`/api/desk/filters?name=${segment(name)}`),
};

export const dossier = {
  read: (id: string) => get<DeskDossier>(`/api/desk/dossiers/${segment(id)}`),
  answer: (id: string, body: FormData) => post<{ state: State; code: string }>(`/api/desk/dossiers/${segment(id)}/answer`, body),
  note: (id: string, text: string) => post<object>(`/api/desk/dossiers/${segment(id)}/notes`, { text }),
  setCharge: (id: string, person: string) => put<object>(`/api/desk/dossiers/${segment(id)}/charge`, { person }),
  /** Gives the message as it went. */
  call: (id: string, text: string) => post<{ text: string } | undefined>(`/api/desk/dossiers/${segment(id)}/call`, { text }),
};
