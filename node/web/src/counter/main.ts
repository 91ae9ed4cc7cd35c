import { addWords } from '../shared/i18n';
import { start } from '../shared/start';
import './styles/filling.css';
import App from './App.vue';
import { vi } from './i18n/vi';

addWords(vi, async () => (await import('./i18n/en')).en);
start(App);
