/**
 * Keeps the focus on the page when what had it is gone: a button that was pressed and made way for what follows. The
 * nearest part that is still there takes it, so that a keyboard and a screen reader go on from there.
 */
export function keepFocus(): void {
  let trail: HTMLElement[] = []; // what has the focus, then all it stands in
  addEventListener('focusin', (event) => {
    trail = [];
    for (let at = event.target as HTMLElement | null; at && at !== document.body; at = at.parentElement) trail.push(at);
  });
  new MutationObserver(() => {
    if (!trail.length || trail[0]!.isConnected || document.activeElement !== document.body) return;
    const left = trail.find((each) => each.isConnected);
    trail = [];
    if (!left) return;
    if (!left.hasAttribute('tabindex')) left.tabIndex = -1;
    left.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}
