// Every page of the desk. The inbox is what a clerk opens first; the rest comes when it is opened.
import { defineAsyncComponent, type Component } from 'vue';
import Inbox from './Inbox.vue';
import TodayPage from './TodayPage.vue';

export interface Page { view: Component }
const later = (load: () => Promise<{ default: Component }>): Page => ({ view: defineAsyncComponent(load) });

export const pages: Record<string, Page> & Record<'start' | 'login' | 'phrase' | 'today' | 'dossiers' | 'missing', Page> = {
  today: { view: TodayPage },
  dossiers: { view: Inbox },
  slip: later(() => import('./AppointmentSlip.vue')),
  accounts: later(() => import('./Accounts.vue')),
  audit: later(() => import('./AuditPage.vue')),
  mine: later(() => import('./Mine.vue')),
  start: later(() => import('./OfficeStart.vue')),
  login: later(() => import('./DeskLogin.vue')),
  phrase: later(() => import('../../shared/components/OwnPhrase.vue')),
  missing: later(() => import('../../shared/pages/Missing.vue')),
};
