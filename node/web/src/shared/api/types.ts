// The shapes of node/counter/API.md. Times are Unix seconds; ids 32 hex digits.
export type ErrorCode =
  | 'locked' | 'denied' | 'not_found' | 'exists' | 'malformed' | 'too_large' | 'full' | 'busy' | 'wait' | 'conflict' | 'last'
  /** A draft is there, and opens once somebody is logged in. */
  | 'kept'
  /** Somebody else made the phrase: it has to be changed before anything else. */
  | 'own_phrase'
  /** The first start's code is missing or wrong. */
  | 'code'
  /** Health forms wait for a health worker, or for the grant. */
  | 'not_ready';
export type Domain = 'general' | 'health';
/** What an account of a commune's desk may do. */
export type Role = 'clerk' | 'health' | 'broadcaster' | 'administrator';
export type Stage = 'new' | 'request' | 'enrolled';

export interface Session {
  node: { role: 'hamlet' | 'commune'; name: string; stage: Stage; commune: string | null; fingerprint: string; version: string;
    /** What health forms wait for: a health worker, then the grant. */
    health: 'open' | 'grant' | 'worker' };
  /** phrase_given: somebody else made the phrase; it has to be changed. roles: at a commune. */
  person: { name: string; domains: Domain[]; pin: boolean; phrase_given: boolean; roles?: Role[] } | null;
  /** Whose keys are in memory. */
  open: Record<Domain, boolean>;
  token: string;
  /** Of stage new: whether a first start from here needs the code of the box's console. */
  code?: boolean;
  time: { now: number; trusted: boolean };
}

export interface HealthWorker { name: string; phrase: string }
/** Whoever may log in; ready: their keys are in memory, so a PIN is enough. */
export interface Known { name: string; pin: boolean; ready: boolean }
export interface Person extends Known { domains: Domain[] }

export interface Invitation { name: string; fingerprint: string }

export interface Enrolment {
  stage: Stage;
  /** The request's octets, base64. */
  request: string;
  /** The same as the file that the commune's program takes. */
  request_text: string;
  fingerprint: string;
  /** Whose hamlet this is, or the only one that invites it. */
  commune: Invitation | null;
  /** Every grant that sticks brought: anybody can make one, so a person compares the digits. */
  grants: Invitation[];
  /** A stick brought a grant that nobody has accepted yet. */
  grant_seen: boolean;
}

/** What becomes of what waits for the radio. */
export interface Outlook {
  why: string;
  until: number | null;
  fiber_at: number | null;
  heard_minutes_ago: number | null;
  minutes: number | null;
}

export interface Home {
  waiting: number;
  heard: { at: number; by: 'stick' | 'fiber' | 'radio'; trusted: boolean } | null;
  links: { kind: string; state: string; outlook?: Outlook }[];
  stick: {
    state: 'none' | 'working' | 'safe' | 'failed' | 'foreign';
    done: number; of: number; name: string; commune: string | null;
    /** Of `failed`: a sentence for the log's language, and a word where the page has a better one. */
    message: string | null; reason: string | null;
  };
  counts: {
    dossiers: number; answers_unseen: number; health_due: number;
    announcements_unplayed: number; messages_unread: number; documents_unread: number;
    /** Unfinished forms on the box: of the viewer's domains, all while nobody is logged in. */
    drafts: number;
  };
  store: { used: number; of: number };
}

export interface FormInfo {
  key: string; id: string; version: string; title: string; titles: Partial<Record<'vi' | 'en', string>>;
  domain: Domain; hash: string; newest: boolean; media: { name: string; have: boolean }[]; problem: string | null;
}

export interface DraftInfo {
  draft: string; form: string; version: string; title: string; label: string; saved: number;
  files: string[]; mine: boolean; edit_of?: string;
}
/** at: the reference of the question where it was left; empty for the first. */
export interface Draft extends DraftInfo { xml: string; at: string }
export interface DraftPut { form: string; version: string; label: string; edit_of?: string; xml: string; at: string }

/** erased: its dossier was erased; what was handed in is kept apart, for a person. */
export interface Submitted { id: string; number: number | string; state: string; domain: Domain; erased?: boolean }

export interface DossierRow {
  id: string; number: number | string; form: string; title: string; label: string; state: string; pending: boolean;
  conflict: boolean; missing: { have: number; of: number }; code: string | null; due: string | number | null;
  at: number; unseen: boolean;
  /** Some record of it cannot be read on this box. */
  unreadable?: boolean;
}

export interface ResultFile { name: string; url: string }
export interface Answer {
  state: string; note: string | null; due: string | number | null; fee: number | null; code: string | null;
  files: ResultFile[]; at: number;
}
export interface TimelineEntry {
  /** Null: it happened, nobody noted when. */
  at: number | null;
  trusted: boolean; kind: string; text: string; by: string; detail?: Record<string, unknown>;
}
export interface Version { ref: string; at: number; by: string; current: boolean; xml_url: string }
export interface Attachment {
  name: string; size: number; type: string; have: boolean; progress: number; url: string;
  /** Of the version in force; false: an older or other version brought it. */
  current?: boolean;
}

export interface Dossier extends Omit<DossierRow, 'form' | 'conflict'> {
  domain: Domain; local: { number: number | string }; instanceID: string;
  /** mark: unknown when its own version is not on this box, and the key is of the newest that is. */
  form: { key: string; title: string; mark?: 'old' | 'closed' | 'unknown' | null };
  withdrawal_asked: boolean;
  versions: Version[]; conflict: string[] | null; timeline: TimelineEntry[]; attachments: Attachment[]; answers: Answer[];
  /** What somebody wrote on its slip; null when nobody did. */
  slip: { originals: string; keeper: string; come_back: string } | null;
  can: { edit: boolean; withdraw: boolean; call: boolean };
  /** Photos and files that the commune does not have yet. */
  files_to_go?: number;
  /** How its words go on from here, where there is a radio; null when the commune has them. */
  waits?: (Outlook & { hastened: boolean; may_hasten: boolean }) | null;
  records_unreadable?: { ref: string; kind: string; why: string }[];
}

/** what: the value of the choice viec_hen of the form with that key. */
/** question: the end of the path of the choice whose value `what` is; empty without one. */
export interface HealthDue { id: string; label: string; form: string; what: string; question: string; due: string | number; overdue: boolean }
/** label: whose record it is; null when it is not here any more. */
export interface HealthRead { at: number; person: string; what: string; id: string; label: string | null }

export interface Announcement {
  id: string; text: string; class: 'routine' | 'priority' | 'emergency'; issued: number; expires: number; slots: string[];
  next: number | null; played: number[]; not_heard: number[];
  state: 'waiting' | 'played' | 'expired' | 'held' | 'no-sound'; why: string; clip: boolean;
}
/** The loudspeaker itself; problem is a sentence for people. */
export interface Speaker { enabled: boolean; speaking: boolean; sound: boolean; problem: string | null }
export interface DocumentInfo { id: string; title: string; at: number; name: string; size: number; have: number | boolean; read: boolean }
export interface Message { id: string; at: number; from: string; to: string; text: string; mine: boolean; state: string }
export interface Phone { name: string; made: number; last: number | null }
export interface NewPhone { name: string; password: string; settings: string; urls: string[]; reachable: boolean }
