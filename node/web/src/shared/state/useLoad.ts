// Loading what a page shows: busy, failed with a sentence and a way to try again, or there.
import { computed, onMounted, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import { sentence } from './failure';

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

export interface Newest<T> extends Load<T[]> {
  /** There may be older ones than those that are shown. */
  more: ComputedRef<boolean>;
  /** Shows so many more, as long as the box gives them. */
  showMore: () => Promise<void>;
}

const shownAtOnce = 50;
const shownMost = 1000; // the box gives no more

/** The first of a list that grows for years: a page stays small until somebody asks for more. */
export function useNewest<T>(read: (count: number) => Promise<T[]>): Newest<T> {
  const count = shallowRef(shownAtOnce);
  const load = useLoad(() => read(count.value));
  const more = computed(() => (load.data.value?.length ?? 0) >= count.value && count.value < shownMost);
  const showMore = async (): Promise<void> => {
    count.value = Math.min(count.value + shownAtOnce, shownMost);
    await load.reload();
  };
  return { ...load, more, showMore };
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
