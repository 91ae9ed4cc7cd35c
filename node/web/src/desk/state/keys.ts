// Keys of the desk. What is open last takes a key first; where somebody types, letters are letters.
import { onMounted, onUnmounted, shallowRef } from 'vue';

/** By the key's name ("a", "?", "escape", "ctrl+enter") what it does. */
export type Keys = Readonly<Record<string, () => void>>;

const layers: (() => Keys)[] = [];
const KEPT = 'khuoi.desk.keys';

function keptChoice(): boolean {
  try {
    return localStorage.getItem(KEPT) !== 'off';
  } catch {
    return true;
  }
}
/** Whether single letters do something: people who speak to their computer turn that off (WCAG 2.1.4). */
export const lettersWork = shallowRef(keptChoice());

export function useLetters(work: boolean): void {
  lettersWork.value = work;
  try {
    localStorage.setItem(KEPT, work ? 'on' : 'off');
  } catch {
    // A browser that keeps nothing: it is chosen anew after a reload.
  }
}

/** The keys of a part of the page while it is shown. */
export function useKeys(keys: () => Keys): void {
  onMounted(() => layers.push(keys));
  onUnmounted(() => layers.splice(layers.indexOf(keys), 1));
}

const NOT_TYPED_INTO = ['checkbox', 'radio', 'button', 'submit', 'file'];

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !NOT_TYPED_INTO.includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return;
  if (document.querySelector('dialog[open]')) return; // it has keys of its own
  const isLetter = event.key.length === 1;
  if (isLetter && (event.ctrlKey || !lettersWork.value || isTyping(event.target))) return;
  const name = (event.ctrlKey ? 'ctrl+' : '') + event.key.toLowerCase();
  for (const layer of [...layers].reverse()) {
    const action = layer()[name];
    if (!action) continue;
    event.preventDefault();
    action();
    return;
  }
});
