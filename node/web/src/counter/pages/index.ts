// Every page of the hamlet's counter. What most people open first is in the first file; the rest comes when it is opened.
import { defineAsyncComponent, type Component } from 'vue';
import FormList from './FormList.vue';
import Home from './Home.vue';

export interface Page {
  view: Component;
  /** Shown to a person who unlocked only; others see the login in its place. */
  personal: boolean;
}

const later = (load: () => Promise<{ default: Component }>): Component => defineAsyncComponent(load);
const open = (view: Component): Page => ({ view, personal: false });
const personal = (view: Component): Page => ({ view, personal: true });

export const pages: Record<string, Page> & Record<'setup' | 'login' | 'phrase' | 'missing', Page> = {
  home: open(Home),
  new: open(FormList),
  fill: open(later(() => import('./FillForm.vue'))),
  slip: open(later(() => import('./Slip.vue'))),
  blank: open(later(() => import('./BlankForm.vue'))),
  setup: open(later(() => import('./FirstStart.vue'))),
  login: open(later(() => import('./Login.vue'))),
  phrase: open(later(() => import('./OwnPhrasePage.vue'))),
  enrolment: open(later(() => import('./Enrolment.vue'))),
  announcements: open(later(() => import('./Announcements.vue'))),
  dossiers: personal(later(() => import('./Dossiers.vue'))),
  dossier: personal(later(() => import('./DossierDetail.vue'))),
  health: personal(later(() => import('./Health.vue'))),
  documents: personal(later(() => import('./Documents.vue'))),
  messages: personal(later(() => import('./Messages.vue'))),
  phones: personal(later(() => import('./Phones.vue'))),
  people: personal(later(() => import('./People.vue'))),
  missing: open(later(() => import('../../shared/pages/Missing.vue'))),
};
