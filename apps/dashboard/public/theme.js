// Runs before the first paint, so that nobody in a dark room is blinded; src/shell/theme.ts takes over afterwards.
const chosen = localStorage.getItem('vedette.theme');
const light =
  chosen === 'light' || (chosen === 'system' && matchMedia('(prefers-color-scheme: light)').matches);
document.documentElement.dataset.theme = light ? 'light' : 'dark';
