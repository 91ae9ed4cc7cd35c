// The shapes of node/desk/API.md. Times are Unix seconds, days yyyy-mm-dd, ids 32 hex digits; what there is not is empty.
import type { Answer, Attachment, Domain, Known, Role, TimelineEntry } from '../../shared/api/types';

export type State = 'new' | 'accepted' | 'rejected' | 'processing' | 'needs-papers' | 'needs-payment' | 'withdrawn' | 'stopped'
  | 'resolved' | 'returned';
export type Path = 'stick' | 'fiber' | 'radio';
export const ONLY = ['new', 'unseen', 'open', 'overdue', 'due_soon', 'conflicts', 'withdrawals', 'mine'] as const;
export type Only = (typeof ONLY)[number];

/** An account that may log in. */
export interface Colleague extends Known { roles: Role[] }
/** in_charge: of how many dossiers. */
export interface DeskAccount { name: string; roles: Role[]; closed: boolean; in_charge: number }
/** example: the first code of today; empty without a code. */
export interface Unit { name: string; code: string; example: string }

export interface Today {
  counts: Record<Exclude<Only, 'open'>, number>;
  /** days since a hamlet sent anything; null: never. */
  silent: { hamlet: string; days: number | null }[];
  backup: { at: number | null };
  /** Hamlets that ask to be enrolled. */
  waiting: { requests: number };
}

export interface Choices { hamlets: { id: string; name: string }[]; forms: { id: string; title: string }[]; people: string[] }

export interface InboxRow {
  id: string; number: number | string; domain: Domain;
  hamlet: { id: string; name: string };
  form: { id: string; version: string; title: string };
  label: string; state: State; code: string | null; due: string | null; overdue: boolean; at: number;
  conflict: boolean; erased: boolean; withdrawal_asked: boolean;
  /** Somebody of the commune opened it. */
  seen: boolean;
  charge: string | null;
  files: { have: number; of: number };
  to_come: { files: number; by: Path | null } | null;
  /** What of it cannot be read here, in words for whoever looks after the box. */
  problem: string | null;
  /** How many dossiers of other hamlets may be of the same person. */
  suspected: number;
}

export interface InboxPage { total: number; rows: InboxRow[] }

/** file: the name of the file that the answer holds. */
export interface FilledLine { path: string; question: string; answer: string; file: string | null }
export interface DeskVersion { ref: string; at: number; current: boolean; filled: FilledLine[] }
export interface DeskNote { at: number; person: string; text: string }

export type Likeness = 'same-id' | 'near-id' | 'name-birth' | 'swapped-birth' | 'alike-name' | 'name-year';
/** A dossier of another hamlet that may be of the same person. */
export interface Suspect { id: string; number: number; hamlet: { id: string; name: string }; label: string; why: Likeness }
export interface DeskDossier extends InboxRow {
  suspects: Suspect[];
  instanceID: string; versions: DeskVersion[]; conflict_refs: string[]; timeline: TimelineEntry[]; attachments: Attachment[];
  answers: Answer[]; records_unreadable: { ref: string; kind: string; why: string }[]; notes: DeskNote[];
  /** The states that it may go to now. */
  moves: State[];
  /** Accepting it gives an official code. */
  gives_code: boolean;
  unit: { name: string; code: string };
}

export interface BulkResult { done: string[]; failed: { id: string; message: string }[] }
export interface SavedFilter { name: string; query: string }

export interface AuditRow {
  number: number; at: number; person: string; by: 'page' | 'command' | 'service'; what: string; target: string; detail: string;
  /** False: the line is there, and cannot be read. */
  readable: boolean;
}
/** next: the number to ask for older lines with. */
export interface AuditLines { rows: AuditRow[]; next: number | null }
export interface AuditVerdict { whole: boolean; count: number; problem: string }
