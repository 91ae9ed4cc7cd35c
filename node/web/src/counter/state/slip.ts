// What the slip of a dossier just handed in says: held in memory, so that it prints while the box is locked.
import { shallowReactive } from 'vue';

export interface SlipFacts {
  id: string; number: string; title: string; label: string; at: number;
  originals: string; keeper: string; comeBack: string;
  /** Of a dossier that was edited: what somebody wrote on its slip before still stands. */
  edited?: boolean;
}

export const slips = shallowReactive(new Map<string, SlipFacts>());
