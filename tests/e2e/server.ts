import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** A real server with its own database, for one test. It can be stopped and started again. */
export class TestServer {
  readonly url: string
  private readonly port: number
  private readonly env: Record<string, string>
  private readonly folder = mkdtempSync(join(tmpdir(), 'dogbreed-e2e-'))
  private process: ChildProcess | undefined

  private constructor(port: number, env: Record<string, string>) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    this.env = env
  }

  static async started(env: Record<string, string> = {}): Promise<TestServer> {
    const server = new TestServer(await freePort(), env)
    await server.run('manage.py', 'migrate', '--verbosity', '0')
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const options = ['-m', 'gunicorn', '--config', 'deploy/gunicorn.conf.py', '--bind', `127.0.0.1:${this.port}`]
    this.process = this.python(...options, 'dogbreed.wsgi')
    while (
      !(await fetch(`${this.url}/api/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (this.process.exitCode !== null) throw new Error(`The server ended with ${this.process.exitCode}.`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Kills the server at once. */
  async kill(): Promise<void> {
    const { process: server } = this
    if (!server?.pid || server.exitCode !== null) return
    const ended = new Promise((resolve) => server.once('exit', resolve))
    process.kill(-server.pid, 'SIGKILL') // its workers too
    await ended
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private python(...options: string[]): ChildProcess {
    const env = { ...process.env, DOGBREED_VAR: this.folder, ...this.env }
    return spawn('.venv/bin/python', options, { cwd: repository, env, detached: true, stdio: 'ignore' })
  }

  private run(...options: string[]): Promise<void> {
    return new Promise((resolve, reject) =>
      this.python(...options).once('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`${options.join(' ')} ended with ${code}.`)),
      ),
    )
  }
}
