// Drafts that this page tried to take up and could not: they stay on the box, and lists mark them.
import { shallowReactive } from 'vue';

export const unopened = shallowReactive(new Set<string>());
