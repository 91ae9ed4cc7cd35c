// An answer as a person reads it, for the review before sending, a dossier's page and a slip.
import type { AnyControlNode, RootNode } from '@getodk/xforms-engine';
import { t } from '../../shared/i18n';
import { typedFromIso } from '../../shared/lib/dates';
import { instanceLabel, isAnswerable, isQuestion, isRepeat, isShown, textOf, type Part } from './tree';

export interface AnswerLine {
  /** The node's path: two versions of a dossier are compared by it. */
  path: string;
  label: string;
  /** Empty when left out. Null for the heading of a group. */
  answer: string | null;
  /** The stored text; a form's rules are told by it. */
  raw: string;
  /** The node the line is of, for "change this". */
  nodeId: string;
  /** What was put there: a photo or a file that is on this device. */
  file?: File | null;
  /** Whether a person can change it. */
  open?: boolean;
  /** It asks whether an original paper is there: "goc" is one of its choices. */
  original?: boolean;
}

export function answerText(node: AnyControlNode): string {
  const raw = node.currentState.instanceValue;
  if (node.nodeType === 'select') {
    return node.currentState.value.map((value) => textOf(node.getValueOption(value)?.label) || value).join(', ');
  }
  if (node.nodeType === 'rank') {
    return node.currentState.value.map((value, index) => `${index + 1}. ${textOf(node.getValueLabel(value)) || value}`).join('\n');
  }
  if (raw === '') return '';
  if (node.nodeType === 'upload') return node.nodeOptions.media.type === 'image' ? t('fill.photo_there') : raw;
  if (node.nodeType === 'trigger') return t('app.yes');
  switch (node.valueType) {
    case 'date': return typedFromIso(raw);
    case 'time': return raw.slice(0, 5);
    case 'dateTime': return `${typedFromIso(raw)} ${raw.slice(11, 16)}`;
    case 'decimal': return raw.replace('.', ',');
    case 'geopoint': return raw.split(/\s+/).slice(0, 2).join(', ');
    default: return raw;
  }
}

/** Every shown question with its answer, or those that `wanted` takes; notes are left out, groups become headings. */
export function answerLines(root: RootNode, fallback: string, wanted: (node: Part) => boolean = () => true): AnswerLine[] {
  const lines: AnswerLine[] = [];
  const heading = (label: string, node: Part): void => {
    if (label) lines.push({ path: node.currentState.reference, label, answer: null, raw: '', nodeId: node.nodeId });
  };
  const walk = (children: readonly Part[]): void => {
    for (const node of children) {
      if (!isShown(node) || !wanted(node)) continue;
      if (isRepeat(node)) {
        node.currentState.children.forEach((instance, index) => {
          if (!isShown(instance)) return;
          heading(instanceLabel(instance, index, fallback), instance);
          walk(instance.currentState.children);
        });
      } else if (node.nodeType === 'group') {
        if (!node.currentState.children.every(isRepeat)) heading(textOf(node.currentState.label), node);
        walk(node.currentState.children);
      } else if (isQuestion(node) && node.nodeType !== 'note') {
        lines.push({
          path: node.currentState.reference, label: textOf(node.currentState.label) || textOf(node.currentState.hint),
          answer: answerText(node), raw: node.currentState.instanceValue, nodeId: node.nodeId,
          file: node.nodeType === 'upload' ? node.currentState.value : null, open: isAnswerable(node),
          original: node.nodeType === 'select' && !!node.getValueOption('goc'),
        });
      }
    }
  };
  walk(root.currentState.children);
  return lines;
}
