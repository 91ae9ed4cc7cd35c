// The moves of a dossier: the state each leads to, its key, and what an answer of that kind asks for.
import type { State } from '../api/types';

export interface Move { to: State; key: string; noteNeeded?: boolean; asksDay?: boolean; asksFee?: boolean }

/** In the order of the work. */
export const MOVES: readonly Move[] = [
  { to: 'accepted', key: 'a', asksDay: true, asksFee: true },
  { to: 'processing', key: 'p', asksDay: true },
  { to: 'needs-papers', key: 'b', asksDay: true },
  { to: 'needs-payment', key: 'n', asksDay: true, asksFee: true },
  { to: 'resolved', key: 'x', asksDay: true },
  { to: 'returned', key: 't' },
  { to: 'rejected', key: 'r', noteNeeded: true },
  { to: 'withdrawn', key: 'c' },
  { to: 'stopped', key: 'd' },
];
export const moveTo = (state: State): Move => MOVES.find((move) => move.to === state) ?? { to: state, key: '' };
