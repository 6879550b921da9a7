/** A browser's own account of itself, in two words: "Firefox on Linux". Enough to tell one's sessions apart. */

const browsers: [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrom(?:e|ium)\/|HeadlessChrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]

const systems: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

const first = (table: [RegExp, string][], text: string) => table.find(([pattern]) => pattern.test(text))?.[1]

export function browserName(userAgent: string | null): string {
  if (!userAgent) return 'Unknown'
  const browser = first(browsers, userAgent)
  const system = first(systems, userAgent)
  return browser ? (system ? `${browser} on ${system}` : browser) : userAgent.slice(0, 40)
}
