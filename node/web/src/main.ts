import './polyfills';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/filling.css';
import { createApp } from 'vue';
import App from './App.vue';
import { useKeptLanguage } from './i18n';
import { keepFocus } from './lib/focus';

keepFocus();
void useKeptLanguage().then(() => createApp(App).mount('#app'));
