import type { Plugin } from 'vite'

/** A Vite plugin that loads styles before scripts, so that the browser can show index.html while the scripts load. */
export function stylesFirst(): Plugin {
  return {
    name: 'dogbreed:styles-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html) =>
        html.replaceAll(/<(script type="module"|link rel="modulepreload")/g, '<$1 fetchpriority="low"'),
    },
  }
}
