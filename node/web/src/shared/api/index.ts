// Every question the pages ask the box, by name.
import { get, getBlob, getText, keySegment, post, put, remove, segment } from './client';
import type {
  Announcement, DocumentInfo, Domain, Dossier, DossierRow, Draft, DraftInfo, DraftPut, Enrolment, Invitation, FormInfo, HealthDue,
  HealthRead, HealthWorker, Home, Message, NewPhone, Person, Phone, Session, Speaker, Submitted,
} from './types';

export const session = {
  read: () => get<Session>('/api/session'),
  setup: (name: string, person: string, phrase: string, health: HealthWorker | null, code: string) =>
    post<Session>('/api/setup', { name, person, phrase, health, code }),
  phrase: async () => (await get<{ phrase: string }>('/api/phrase')).phrase,
  people: () => get<Person[]>('/api/people'),
  login: (person: string, secret: { phrase: string } | { pin: string }) =>
    post<Session>('/api/login', { person, ...secret }),
  logout: () => post<void>('/api/logout'),
  lock: () => post<void>('/api/lock'),
  addPerson: (name: string, domains: Domain[], phrase: string) => post<void>('/api/people', { name, domains, phrase }),
  beginHealth: (worker: HealthWorker) => post<void>('/api/people/health', worker),
  /** anyway: also when nobody here would read a domain any more. */
  removePerson: (name: string, anyway = false) => remove(`/api/people?name=${segment(name)}${anyway ? '&anyway=1' : ''}`),
  changePerson: (name: string, domains: Domain[], phrase: string, anyway = false) =>
    put<void>(`/api/people/access${anyway ? '?anyway=1' : ''}`, { name, domains, phrase }),
  setPin: (pin: string) => put<void>('/api/people/pin', { pin }),
  setPhrase: (phrase: string) => put<void>('/api/people/phrase', { phrase }),
};

export const enrolment = {
  read: () => get<Enrolment>('/api/enrolment'),
  /** Whose grant a file is; nothing is taken yet. */
  whose: (file: Blob) => post<Invitation>('/api/enrolment/grant/read', new Blob([file], { type: 'application/octet-stream' })),
  /** With the digits that a person compared. Without a file: the grant that a stick brought of that commune. */
  accept: (fingerprint: string, file?: Blob) =>
    post<void>(`/api/enrolment/grant?fingerprint=${encodeURIComponent(fingerprint)}`,
      new Blob(file ? [file] : [], { type: 'application/octet-stream' })),
};

export const home = { read: () => get<Home>('/api/home') };

export const forms = {
  list: () => get<FormInfo[]>('/api/forms'),
  xml: (key: string) => getText(`/api/forms/${keySegment(key)}/form.xml`),
  cannotShow: (key: string, problem: string) => post<object>(`/api/forms/${keySegment(key)}/problem`, { problem }),
  mediaUrl: (key: string, name: string) => `/api/forms/${keySegment(key)}/media/${segment(name)}`,
};

export const drafts = {
  list: () => get<DraftInfo[]>('/api/drafts'),
  read: (draft: string) => get<Draft>(`/api/drafts/${draft}`),
  save: (draft: string, body: DraftPut, keepalive = false) =>
    put<{ saved: number }>(`/api/drafts/${draft}`, body, keepalive),
  remove: (draft: string) => remove(`/api/drafts/${draft}`),
  file: (draft: string, name: string) => getBlob(`/api/drafts/${draft}/files/${segment(name)}`),
  saveFile: (draft: string, name: string, file: Blob) =>
    put<void>(`/api/drafts/${draft}/files/${segment(name)}`, new Blob([file], { type: 'application/octet-stream' })),
  removeFile: (draft: string, name: string) => remove(`/api/drafts/${draft}/files/${segment(name)}`),
};

export interface DossierQuery { domain: Domain; q?: string; state?: string; form?: string; from?: number; limit?: number }

export const dossiers = {
  submit: (body: FormData) => post<Submitted>('/api/submissions', body),
  edit: (id: string, body: FormData) => post<Submitted>(`/api/dossiers/${id}/edit`, body),
  list: (query: DossierQuery) => {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') parameters.set(name, String(value));
    return get<{ total: number; rows: DossierRow[] }>(`/api/dossiers?${parameters}`);
  },
  read: (id: string) => get<Dossier>(`/api/dossiers/${id}`),
  xml: (id: string, version?: string) =>
    getText(`/api/dossiers/${id}/submission.xml${version ? `?version=${segment(version)}` : ''}`),
  file: (url: string) => getBlob(url),
  seen: (id: string) => post<void>(`/api/dossiers/${id}/seen`),
  sendNow: (id: string) => post<void>(`/api/dossiers/${id}/send-now`),
  withdraw: (id: string, reason: string) => post<void>(`/api/dossiers/${id}/withdraw`, { reason }),
  saveSlip: (id: string, words: NonNullable<Dossier['slip']>) => put<void>(`/api/dossiers/${id}/slip`, words),
  pick: (id: string, ref: string) => post<void>(`/api/dossiers/${id}/pick`, { ref }),
  call: (id: string) => post<void>(`/api/dossiers/${id}/call`),
};

export const health = {
  due: (count: number) => get<HealthDue[]>(`/api/health/due?count=${count}`),
  log: () => get<HealthRead[]>('/api/health/log'),
};

export const announcements = {
  list: (count: number) => get<Announcement[]>(`/api/announcements?count=${count}`),
  speaker: () => get<Speaker>('/api/speaker'),
  play: (id: string) => post<void>(`/api/announcements/${id}/play`),
  stop: () => post<void>('/api/speaker/stop'),
};

export const documents = {
  list: (count: number) => get<DocumentInfo[]>(`/api/documents?count=${count}`),
  fileUrl: (id: string) => `/api/documents/${id}/file`,
  read: (id: string) => post<void>(`/api/documents/${id}/read`),
};

export const messages = {
  list: (count: number) => get<Message[]>(`/api/messages?count=${count}`),
  send: (text: string) => post<void>('/api/messages', { text }),
  seen: () => post<void>('/api/messages/seen'),
};

export const phones = {
  list: () => get<Phone[]>('/api/phones'),
  add: (name: string) => post<NewPhone>('/api/phones', { name }),
  remove: (name: string) => remove(`/api/phones/${segment(name)}`),
};

/** Speech of the box itself; at most 600 octets of text. */
export const speechUrl = (text: string): string => `/api/speech?text=${segment(text)}`;
