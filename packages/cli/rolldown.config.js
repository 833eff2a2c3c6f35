import { defineConfig } from 'rolldown'

/**
 * The program in a few files. Node.js takes half a second to find and load the 280 modules of a run one by one, in
 * every thread (docs/decisions/0011). What finds its own files by where it lies stays outside. CommonJS, since only
 * its compiled code can be kept between runs with Node.js 20.
 */
export default defineConfig({
  input: { main: 'dist/main.js', worker: 'dist/embedded/worker.js' },
  platform: 'node',
  external: ['piscina', 'apache-arrow'],
  resolve: { conditionNames: ['winnow-bundle', 'import', 'node', 'default'] },
  output: {
    dir: 'bundle',
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    cleanDir: true,
    sourcemap: true,
  },
})
