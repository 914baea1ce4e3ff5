import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { defineConfig } from '@playwright/test'

// Playwright starts the servers under test: the release binary, each with a new database.
const root = resolve(import.meta.dirname, '..')
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target')
const binary = process.env.CLIENTELE_BIN ?? join(target, 'release', 'clientele')
const site = process.env.CLIENTELE_SITE_DIR ?? join(root, 'dist')
const port = Number(process.env.CLIENTELE_E2E_PORT ?? 4310)

/** Shared by the tests that only read, which are most of them. */
const shared = { name: 'shared', origin: `http://127.0.0.1:${port}`, port }
/** For tests that turn the Customers page off and on. */
const switched = { name: 'switched', origin: `http://127.0.0.1:${port + 1}`, port: port + 1 }

/** Tests that change counts on which other tests rely. */
const stories = ['customer.spec.ts', 'channels.spec.ts', 'language.spec.ts']
/** Tests that create hundreds of customers. */
const crowded = ['plain.spec.ts', 'chat.rating.spec.ts', 'chat.spec.ts', 'day.spec.ts', 'faults.spec.ts', 'history.spec.ts', 'desk.spec.ts', 'desk.focus.spec.ts', 'room.spec.ts', 'toasts.spec.ts']
/** Serves `stories`. */
const told = { name: 'told', origin: `http://127.0.0.1:${port + 2}`, port: port + 2 }
const faulty = { name: 'faulty', origin: `http://127.0.0.1:${port + 3}`, port: port + 3 }
/**
 * For the widget. Browsers treat `localhost` as another site than `127.0.0.1`, where the host pages are. Each worker serves its
 * pages at ports of its own, from `port + 14` and `port + 24` on (embed.ts).
 */
const embedded = { name: 'embedded', origin: `http://localhost:${port + 4}`, port: port + 4 }
const widgets = 'embed.*.spec.ts'

function server({ name, origin, port }: typeof shared) {
  const data = join(target, 'end2end', name)
  return {
    name,
    command:
      `rm -rf '${data}' && mkdir -p '${data}' && ` +
      `exec '${binary}' serve --demo --database 'rocksdb://${data}/db' --address 127.0.0.1:${port} --public-url ${origin}`,
    cwd: root,
    env: { CLIENTELE_SITE_DIR: site, CLIENTELE_LOG: 'warn' },
    url: `http://127.0.0.1:${port}/readyz`,
    timeout: 120_000,
    reuseExistingServer: false,
    stdout: 'pipe' as const,
    gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 10_000 },
  }
}

/** Returns the path of the system's Chromium; Playwright's build is not installed. */
function chromium() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  return process.env.CHROMIUM_PATH ?? names.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync)
}

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  // On a loaded machine a time limit can be missed. A test that passes on its second try is listed as flaky.
  retries: 1,
  workers: 2,
  reporter: 'list',
  webServer: [server(shared), server(switched), server(told), server(faulty), server(embedded)],
  use: {
    baseURL: shared.origin,
    browserName: 'chromium',
    launchOptions: {
      executablePath: chromium(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // What is drawn again over an older drawing has other edges than what is drawn at once: pictures could not be compared.
        '--disable-partial-raster',
      ],
    },
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    locale: 'en-US',
    // Differs from the server's time zone, so that a time in the wrong zone is detected.
    timezoneId: 'Asia/Shanghai',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'setup', testMatch: '*.setup.ts' },
    {
      name: 'hydrated',
      testMatch: '*.spec.ts',
      testIgnore: ['*.nojs.spec.ts', 'switch.spec.ts', widgets, ...crowded, ...stories],
      dependencies: ['setup'],
    },
    {
      name: 'no-js',
      testMatch: '*.nojs.spec.ts',
      dependencies: ['setup'],
      use: { javaScriptEnabled: false },
    },
    { name: 'switch', testMatch: 'switch.spec.ts', use: { baseURL: switched.origin } },
    { name: 'stories', testMatch: stories, use: { baseURL: told.origin } },
    { name: 'faults', testMatch: crowded, use: { baseURL: faulty.origin } },
    { name: 'widget', testMatch: widgets, use: { baseURL: embedded.origin } },
  ],
})
