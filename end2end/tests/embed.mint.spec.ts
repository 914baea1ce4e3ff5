import { spawn, spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { boss, expect, stamp, test } from '../embed'

// The examples of docs/examples/mint, run against the server.
const examples = resolve(import.meta.dirname, '../../docs/examples/mint')

/** Runs a program with the settings of an example, and returns its output. */
function run([program = '', ...more]: string[], settings: Record<string, string>) {
  const child = spawn(program, more, { env: { ...process.env, ...settings } })
  let [output, errors] = ['', '']
  child.stdout.on('data', data => (output += data))
  child.stderr.on('data', data => (errors += data))
  return new Promise<{ code: number | null; output: string; errors: string }>((done, failed) => {
    child.on('error', failed)
    child.on('close', code => done({ code, output: output.trim(), errors }))
  })
}

const languages: { name: string; command: string[]; needs: string; optional?: string }[] = [
  { name: 'Node.js', command: [process.execPath, join(examples, 'mint.mjs')], needs: process.execPath },
  { name: 'Python', command: ['python3', join(examples, 'mint.py')], needs: 'python3' },
  {
    name: 'Rust',
    command: ['cargo', 'run', '--quiet', '--manifest-path', join(examples, 'rust/Cargo.toml'), '--'],
    needs: 'cargo',
    // It downloads and compiles an HTTP client.
    optional: 'MINT_RUST',
  },
]

for (const { name, command, needs, optional } of languages) {
  test(`${name}: mints a token that works, and says why if it is refused`, async ({ host, key, request, baseURL }) => {
    test.skip(optional !== undefined && process.env[optional] === undefined, `${optional}=1 runs it`)
    test.skip(spawnSync(needs, ['--version']).error !== undefined, `${needs} is not installed`)
    test.setTimeout(600_000)
    // Tests do not leave compiled examples beside the sources.
    const settings = { CLIENTELE_URL: baseURL!, CLIENTELE_EMBED_KEY: key.text, CARGO_TARGET_DIR: resolve(import.meta.dirname, '../../target/mint') }
    const { code, output, errors } = await run([...command, boss.login, host.origin], settings)
    expect(errors).toBe('')
    expect(code).toBe(0)
    expect(output).toMatch(/^cet_[0-9a-f]{64}$/)
    const answer = await request.get('/api/v1/embed/session', { headers: { authorization: `Bearer ${output}`, origin: host.origin } })
    expect(await answer.json()).toMatchObject({ role: 'agent', features: ['list', 'edit', 'tags', 'callback', 'blacklist'] })

    const refused = await run([...command, `nobody_${stamp()}`, host.origin], settings)
    expect(refused.code).not.toBe(0)
    expect(refused.errors).toContain('Clientele refused the token: 403')
    const unsigned = await run([...command, boss.login, host.origin], { ...settings, CLIENTELE_EMBED_KEY: 'cek_wrong' })
    expect(unsigned.errors).toContain('Clientele refused the token: 401')
  })
}
