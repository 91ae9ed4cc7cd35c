// Walking the engine's tree of a form: what is on the screen, in which order, and where a problem is.
import type {
  AnyControlNode, AnyNode, GeneralChildNode, GroupNode, RepeatInstanceNode, RepeatRangeNode, RootNode, TextChunk, TextRange,
} from '@getodk/xforms-engine';

export type Part = GeneralChildNode | RepeatInstanceNode;

/** One screen of a phone: a question, a group whose author wants it on one screen, or the end of a repeat. */
export type Screen =
  | { kind: 'question'; node: AnyControlNode; crumbs: string[] }
  | { kind: 'group'; node: GroupNode; crumbs: string[] }
  | { kind: 'repeat'; node: RepeatRangeNode; crumbs: string[] };

export const isRepeat = (node: AnyNode): node is RepeatRangeNode =>
  node.nodeType === 'repeat-range:controlled' || node.nodeType === 'repeat-range:uncontrolled';

export const isQuestion = (node: AnyNode): node is AnyControlNode =>
  !isRepeat(node) && node.nodeType !== 'group' && node.nodeType !== 'repeat-instance' && node.nodeType !== 'root' &&
  node.nodeType !== 'model-value';

export const textOf = (range: TextRange<'label' | 'hint' | 'item-label'> | null | undefined): string => range?.asString.trim() ?? '';

const OUTPUT_LINE = '…………';
/**
 * A text as paper has it: what the form would put in from answers or sums is a dotted line. Null when it puts nothing in,
 * and the text can be drawn with its Markdown.
 */
export function paperText(range: TextRange<'label' | 'hint' | 'item-label'>): string | null {
  const chunks = [...(range as unknown as Iterable<TextChunk>)];
  if (!chunks.some(({ source }) => source === 'output')) return null;
  const text = chunks.map((chunk) => (chunk.source === 'output' ? OUTPUT_LINE : chunk.asString)).join('');
  return text.replace(/\*\*|__|^#+\s*/gm, '').trim();
}

/** Hidden values, and branches that do not apply, are not shown. */
export function isShown(node: Part): boolean {
  if (node.nodeType === 'model-value' || !node.currentState.relevant) return false;
  if (node.nodeType === 'group' || node.nodeType === 'repeat-instance') return node.currentState.hasRelevantBodyNodes;
  return true;
}

const CONSENT = /\/consent$/;
/** The consent sentence stands above the button that sends, wherever the form's author has put it. */
export const isConsent = (node: Part): boolean => CONSENT.test(node.currentState.reference);

/** The label of a repeat, for "add …" and "… 2": its own, its group's, or the fallback. */
export function repeatLabel(node: RepeatRangeNode, fallback: string): string {
  const own = textOf(node.currentState.label);
  if (own) return own;
  const parent = node.parent;
  return (parent.nodeType === 'group' ? textOf(parent.currentState.label) : '') || fallback;
}

export function instanceLabel(instance: RepeatInstanceNode, index: number, fallback: string): string {
  return textOf(instance.currentState.label) || `${repeatLabel(instance.parent, fallback)} ${index + 1}`;
}

/** The screens of a phone in order. fallback names a repeat that has no label. */
export function screensOf(root: RootNode, fallback: string): Screen[] {
  const screens: Screen[] = [];
  const walk = (children: readonly Part[], crumbs: string[]): void => {
    for (const node of children) {
      if (!isShown(node) || isConsent(node)) continue;
      if (isRepeat(node)) {
        node.currentState.children.forEach((instance, index) => {
          if (isShown(instance)) walk(instance.currentState.children, [...crumbs, instanceLabel(instance, index, fallback)]);
        });
        if (node.nodeType === 'repeat-range:uncontrolled') screens.push({ kind: 'repeat', node, crumbs });
      } else if (node.nodeType === 'group') {
        const label = textOf(node.currentState.label);
        const inside = label ? [...crumbs, label] : crumbs;
        // Whatever its type says, a group without a ref has none.
        const appearances: Partial<typeof node.appearances> = node.appearances ?? {};
        const together = appearances['field-list'] === true || appearances['table-list'] === true;
        if (together) screens.push({ kind: 'group', node, crumbs }); // its own label stands as its legend
        else walk(node.currentState.children, inside);
      } else if (isQuestion(node)) screens.push({ kind: 'question', node, crumbs });
    }
  };
  walk(root.currentState.children, []);
  return screens;
}

/** The consent part of a form, when its author has one. */
export function consentOf(root: RootNode): Part | null {
  const find = (children: readonly Part[]): Part | null => {
    for (const node of children) {
      if (!isShown(node)) continue;
      if (isConsent(node)) return node;
      if (node.nodeType === 'group') {
        const inside = find(node.currentState.children);
        if (inside) return inside;
      }
    }
    return null;
  };
  return find(root.currentState.children);
}

/** Every question that is shown inside a part, in order. */
export function questionsIn(node: AnyNode): AnyControlNode[] {
  if (node.nodeType !== 'root' && !isShown(node)) return [];
  if (isQuestion(node)) return [node];
  const children = (node.currentState.children ?? []) as readonly Part[];
  return children.flatMap(questionsIn);
}

/** Whether a person can do anything about an answer that is wrong: not about a sum, nor where nothing is left to choose. */
export function isAnswerable(node: AnyControlNode): boolean {
  if (node.nodeType === 'note' || node.currentState.readonly) return false;
  return (node.nodeType !== 'select' && node.nodeType !== 'rank') || node.currentState.valueOptions.length > 0;
}

/** The reference of the first question that takes a photo or a file; empty when none does. */
export const paperAsked = (root: RootNode): string => questionsIn(root).find((node) => node.nodeType === 'upload')?.currentState.reference ?? '';

/** Every upload that holds a file, shown or not: the engine sends those of hidden branches no more than we do. */
export function uploadsIn(root: RootNode): Extract<AnyControlNode, { nodeType: 'upload' }>[] {
  const found: Extract<AnyControlNode, { nodeType: 'upload' }>[] = [];
  const walk = (node: AnyNode): void => {
    if (node.nodeType === 'upload') found.push(node);
    else ((node.currentState.children ?? []) as readonly Part[]).forEach(walk);
  };
  walk(root);
  return found;
}
