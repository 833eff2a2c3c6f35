import { type RunConfig, runConfig } from '@winnow/runtime/config'
import {
  mergeSettings,
  readSettingsFile,
  type Settings,
  validateSettings,
} from '@winnow/runtime/settings-file'

export type { Settings }

/**
 * The configuration: defaults, then the file, then the command line's `settings`, as the same tree as winnow.yaml.
 * Throws UsageError that names the file's line, or the option, and what is allowed there.
 */
export async function loadConfig(path: string | undefined, settings: Settings): Promise<RunConfig> {
  const file = path === undefined ? undefined : await readSettingsFile(path)
  return validateSettings(runConfig, mergeSettings(file?.tree ?? {}, settings), {
    file,
    hint: 'the settings and their defaults are listed in docs/configuration.md',
  })
}
