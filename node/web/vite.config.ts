import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

// The program embeds what stands in build/web. Nothing may be inlined as data: or as a script of the page: the
// policy the box sends (default-src 'self') refuses both.
// Two sites: a hamlet's counter begins with index.html, a commune's desk with desk.html. They are built one after the
// other (vite build --mode counter, then desk), since in one build what they share would be cut into files of its own:
// a phone at a hamlet then loads 1.4 kB more, for a page that it never opens.
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
export default defineConfig(({ mode }) => ({
  root: here('.'),
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    outDir: process.env.KHUOI_WEB_OUT ?? '../../build/web',
    emptyOutDir: mode !== 'desk',
    // Old phones: Chrome 89 is the first that has what the form engine needs (a module that waits while it loads).
    target: ['chrome89', 'firefox91', 'safari15'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    sourcemap: false,
    rollupOptions: { input: here(mode === 'desk' ? 'desk.html' : 'index.html') },
  },
  server: { port: 5199, strictPort: true, proxy: { '/api': process.env.KHUOI_API ?? 'http://127.0.0.1:8080' } },
}));
