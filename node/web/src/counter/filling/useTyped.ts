// Text in a box and the answer it stands for. They differ while somebody types, and when what was typed is no answer.
import type { AnyControlNode } from '@getodk/xforms-engine';
import { onBeforeUnmount, ref, watch, type Ref } from 'vue';
import { useFilling } from './context';

type Typed = Extract<AnyControlNode, { nodeType: 'input' | 'range' }>;
export type Reading = { value: string } | { problem: string };

export interface TypedText {
  text: Ref<string>;
  /** Why the text is no answer; empty when it is one. */
  problem: Ref<string>;
  write: (next: string) => void;
}

/**
 * read: what a person typed to the engine's text (ISO dates, a dot for the fraction), or why it is no answer.
 * show: the engine's text to what a person reads.
 */
export function useTyped(node: Typed, read: (typed: string) => Reading, show: (value: string) => string): TypedText {
  const { setUnreadable, unreadable } = useFilling();
  const before = unreadable.get(node.nodeId);
  const text = ref(before?.typed ?? show(node.currentState.instanceValue));
  const problem = ref(before?.message ?? '');
  let own = node.currentState.instanceValue; // the answer this box gave last: it must not be written back while one types

  function write(next: string): void {
    text.value = next;
    const reading: Reading = next.trim() === '' ? { value: '' } : read(next);
    problem.value = 'problem' in reading ? reading.problem : '';
    setUnreadable(node.nodeId, next, problem.value);
    set(node, 'value' in reading ? reading.value : '');
    own = node.currentState.instanceValue;
  }
  // A calculation, or a choice elsewhere, may change the answer under the text.
  watch(() => node.currentState.instanceValue, (value) => {
    if (value === own) return;
    own = value;
    text.value = show(value);
    problem.value = '';
    setUnreadable(node.nodeId, '', '');
  });
  // What hides with its branch must not keep the form from being sent.
  onBeforeUnmount(() => {
    if (!node.currentState.relevant) setUnreadable(node.nodeId, '', '');
  });
  return { text, problem, write };
}

function set(node: Typed, value: string): void {
  if (node.currentState.readonly || node.currentState.instanceValue === value) return;
  (node.setValue as (next: string) => unknown)(value);
}
