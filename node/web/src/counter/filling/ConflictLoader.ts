// The engine comes only when somebody wants to see what was filled in.
import { defineAsyncComponent } from 'vue';

export default defineAsyncComponent(() => import('./Versions.vue'));
