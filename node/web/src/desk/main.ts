import { addWords } from '../shared/i18n';
import { start } from '../shared/start';
import './styles/desk.css';
import './styles/inbox.css';
import './styles/dossier.css';
import App from './App.vue';
import { vi } from './i18n/vi';

addWords(vi, async () => (await import('./i18n/en')).en);
start(App);
