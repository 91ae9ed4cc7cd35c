// What the home page says about the sync, kept fresh by the box's event stream.
import { shallowRef } from 'vue';
import { home as api } from '../api';
import type { Home } from '../api/types';
import { refreshSession } from './session';

export const home = shallowRef<Home | null>(null);
/** Whether the box tells of changes at this moment. */
export const linked = shallowRef(false);

type Topic = 'dossiers' | 'announcements' | 'messages' | 'documents';
const listeners: Record<Topic, Set<() => void>> = { dossiers: new Set(), announcements: new Set(), messages: new Set(), documents: new Set() };
let source: EventSource | null = null;

/** Calls back at each change of that kind; returns what stops it. */
export function onChange(topic: Topic, callback: () => void): () => void {
  listeners[topic].add(callback);
  return () => void listeners[topic].delete(callback);
}

export async function refreshHome(): Promise<void> {
  home.value = await api.read();
}

/** Nobody here is told anything now. */
export function stopFollowing(): void {
  source?.close();
  source = null;
  home.value = null;
  linked.value = false;
}

/** Opens the event stream, anew for a new person; the browser joins it again by itself after the box was away. */
export function followAgain(): void {
  source?.close();
  source = new EventSource('/api/events');
  source.addEventListener('error', () => (linked.value = false));
  source.addEventListener('home', (event) => {
    home.value = JSON.parse((event as MessageEvent<string>).data) as Home;
    linked.value = true;
  });
  for (const topic of Object.keys(listeners) as Topic[]) {
    source.addEventListener(topic, () => listeners[topic].forEach((callback) => callback()));
  }
  source.addEventListener('session', () => void refreshSession().catch(() => undefined));
}
