// What an inbox may be filtered by, and who may be in charge: asked for once a person.
import { shallowRef, watch, type ShallowRef } from 'vue';
import { person } from '../../shared/state/session';
import { inbox as api } from '../api';
import type { Choices } from '../api/types';

const choices = shallowRef<Choices>({ hamlets: [], forms: [], people: [] });
let asked = false;
watch(() => person.value?.name, () => {
  asked = false;
  choices.value = { hamlets: [], forms: [], people: [] };
});

export function useChoices(): ShallowRef<Choices> {
  if (!asked) {
    asked = true;
    api.choices().then((next) => (choices.value = next)).catch(() => (asked = false)); // what is shown stands without it
  }
  return choices;
}

/** Accounts came or went. */
export function forgetChoices(): void {
  asked = false;
}
