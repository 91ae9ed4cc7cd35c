// Loading what a page shows: busy, failed with a sentence and a way to try again, or there.
import { onMounted, shallowRef, type ShallowRef } from 'vue';
import { sentence } from '../../shared/state/failure';

export interface Load<T> {
  data: ShallowRef<T | null>;
  problem: ShallowRef<string>;
  /** True during the first load only: later ones must not make the page flicker. */
  loading: ShallowRef<boolean>;
  reload: () => Promise<void>;
}

export function useLoad<T>(read: () => Promise<T>): Load<T> {
  const data = shallowRef<T | null>(null) as ShallowRef<T | null>;
  const problem = shallowRef('');
  const loading = shallowRef(true);
  let latest = 0;
  const reload = async (): Promise<void> => {
    const mine = ++latest;
    try {
      const next = await read();
      if (mine !== latest) return; // a later question has been asked meanwhile
      data.value = next;
      problem.value = '';
    } catch (error) {
      if (mine === latest) problem.value = sentence(error);
    }
    if (mine === latest) loading.value = false;
  };
  onMounted(reload);
  return { data, problem, loading, reload };
}

/** One action at a time: busy while it runs, its failure as a sentence. */
export function useAction(): { busy: ShallowRef<boolean>; problem: ShallowRef<string>; run: (action: () => Promise<void>) => Promise<boolean> } {
  const busy = shallowRef(false);
  const problem = shallowRef('');
  const run = async (action: () => Promise<void>): Promise<boolean> => {
    if (busy.value) return false;
    busy.value = true;
    problem.value = '';
    try {
      await action();
      return true;
    } catch (error) {
      problem.value = sentence(error);
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { busy, problem, run };
}
