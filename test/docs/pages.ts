import { configurationDocs } from './configuration.js'
import { clusterConfigurationDocs, metricsDocs } from './operations.js'

/** Pages of docs/ that are made from code, and how. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'configuration.md': configurationDocs,
  'operations/configuration.md': clusterConfigurationDocs,
  'operations/metrics.md': metricsDocs,
}
