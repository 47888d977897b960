import { readFileSync } from 'node:fs';

/** The colours of a theme by their name in styles.css. Throws for one that is not there. */
export function readStyles(theme: 'dark' | 'light'): (name: string) => string {
  const css = readFileSync(new URL('./styles.css', import.meta.url), 'utf8');
  const start = theme === 'dark' ? ':root {' : '[data-theme="light"] {';
  const block = css.slice(css.indexOf(start)).split('}')[0] ?? '';
  return (name) => {
    const value = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(block)?.[1];
    if (value === undefined) throw new Error(`no colour --${name} in the ${theme} theme`);
    return value;
  };
}
