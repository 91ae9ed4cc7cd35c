// While somebody works through an inbox its rows stay where they are: what was looked at, and answered, would else move away
// under their hands, since the box puts first what nobody looked at yet.
import type { DeskDossier, InboxRow } from '../api/types';

/** The new rows in the places that they had; those that came meanwhile stand first. The open one stays in any case. */
export function inTheirPlaces(rows: readonly InboxRow[], before: readonly InboxRow[], open: string): InboxRow[] {
  const place = new Map(before.map((row, index) => [row.id, index]));
  const here = new Set(rows.map((row) => row.id));
  const kept = before.filter((row) => row.id === open && !here.has(row.id));
  return [...rows, ...kept].sort((one, other) => (place.get(one.id) ?? -1) - (place.get(other.id) ?? -1));
}

/** The rows with what is known of the open dossier. */
export const withDossier = (rows: readonly InboxRow[], dossier: DeskDossier): InboxRow[] =>
  rows.map((row) => (row.id === dossier.id ? { ...row, ...dossier, seen: true, to_come: dossier.to_come ?? row.to_come } : row));
