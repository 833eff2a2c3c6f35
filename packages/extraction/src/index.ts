export { extractPage } from './extract.js'
