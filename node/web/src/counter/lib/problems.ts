/** Brings the first visible problem inside `area` onto the screen, and the focus to it. False when there is none. */
export function showProblem(area: HTMLElement | null | undefined): boolean {
  const first = [...(area?.querySelectorAll<HTMLElement>('.answer-problem') ?? [])].find((each) => each.offsetParent !== null);
  first?.scrollIntoView({ block: 'center' });
  first?.focus({ preventScroll: true });
  return first !== undefined;
}
