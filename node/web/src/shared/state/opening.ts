// A page begins by asking which box this is and who uses it.
import { onMounted, shallowRef, type ShallowRef } from 'vue';
import { sentence } from './failure';
import { refreshSession } from './session';

export function useOpening(): { loading: ShallowRef<boolean>; problem: ShallowRef<string>; open: () => Promise<void> } {
  const loading = shallowRef(true);
  const problem = shallowRef('');
  async function open(): Promise<void> {
    loading.value = true;
    try {
      await refreshSession();
      problem.value = '';
    } catch (error) {
      problem.value = sentence(error);
    }
    loading.value = false;
  }
  onMounted(open);
  return { loading, problem, open };
}
