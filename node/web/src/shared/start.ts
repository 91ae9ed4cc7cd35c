// What both entry points begin with: the box's look, the language that was used last, then the page.
import './polyfills';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/sheet.css';
import { createApp, type Component } from 'vue';
import { useKeptLanguage } from './i18n';
import { keepFocus } from './lib/focus';

export function start(app: Component): void {
  keepFocus();
  void useKeptLanguage().then(() => createApp(app).mount('#app'));
}
