// A finger or a mouse button that is down belongs to what is under it: nothing may move until it is up again, or the
// press lands beside what was meant. Leaving a field happens while the button goes down on the next one.
let down = false;
addEventListener('pointerdown', () => (down = true), { capture: true, passive: true });
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => (down = false), { capture: true, passive: true });

/** Runs the action at once, or after the press that is going on has done its click. */
export function afterPress(action: () => void): void {
  if (!down) return action();
  const run = (): void => void setTimeout(action, 0); // the click comes right after the pointer is up
  addEventListener('pointerup', run, { once: true });
}
