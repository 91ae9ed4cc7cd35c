// What every question of one form shares.
import { inject, provide, type InjectionKey, type Ref } from 'vue';

export interface Unreadable { typed: string; message: string }

export interface FillContext {
  formKey: string;
  /** True once the person has tried to send: every problem is shown from then on. */
  showAll: Ref<boolean>;
  /** Text that is in a box on the screen but cannot be an answer, by node id: "31/02/2020". */
  unreadable: Map<string, Unreadable>;
  /** An empty message takes it away. */
  setUnreadable(nodeId: string, typed: string, message: string): void;
  keepFile(file: File): void;
  dropFile(name: string): void;
  waitingFiles: Ref<ReadonlySet<string>>;
}

const key: InjectionKey<FillContext> = Symbol('fill');
export const provideFilling = (context: FillContext): void => provide(key, context);
export function useFilling(): FillContext {
  const context = inject(key);
  if (!context) throw new Error('A question must stand inside a form.');
  return context;
}
