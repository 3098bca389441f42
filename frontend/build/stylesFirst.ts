import type { Plugin } from 'vite'

/** Styles come first: with them the browser can paint what index.html has, while the scripts are still on their way. */
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
