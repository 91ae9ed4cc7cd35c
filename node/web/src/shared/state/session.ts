// Who uses this page, and which box it is. One session a page; every part reads it here.
import { computed, shallowRef } from 'vue';
import { session as api } from '../api';
import { setToken } from '../api/client';
import type { Domain, Session } from '../api/types';

export const session = shallowRef<Session | null>(null);
/** The first start goes on although the box exists by now: its last step, the PIN, still stands. */
export const settingUp = shallowRef(false);
/** The box's clock minus this device's, seconds: phones' clocks are wrong as often as boxes'. */
let clockOffset = 0;

export function take(next: Session): void {
  session.value = next;
  setToken(next.token);
  clockOffset = next.time.now - Date.now() / 1000;
}

export async function refreshSession(): Promise<void> {
  take(await api.read());
}

export const person = computed(() => session.value?.person ?? null);
export const may = (domain: Domain): boolean => person.value?.domains.includes(domain) ?? false;

/** Unix seconds by the box's clock. */
export const boxNow = (): number => Math.floor(Date.now() / 1000 + clockOffset);

/** The page knows at once; the box may still be asked. */
export function forgetPerson(): void {
  if (session.value?.person) session.value = { ...session.value, person: null };
}
