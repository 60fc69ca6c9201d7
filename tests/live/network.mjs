// Starts a whole AT Protocol network on loopback (directory, personal data server, app view) and prints where it listens,
// one line of JSON. It ends when its standard input is closed. Settings come from DB_POSTGRES_URL and REDIS_HOST.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const fromHere = createRequire(pathToFileURL(process.cwd() + '/'))
const { TestNetwork } = await import(pathToFileURL(fromHere.resolve('@atproto/dev-env')).href)

const network = await TestNetwork.create({
  dbPostgresSchema: 'hibiki',
  pds: { hostname: 'localhost', rateLimitsEnabled: true },
})
process.stdout.write(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }) + '\n')

process.stdin.resume()
process.stdin.on('end', async () => {
  await network.close().catch(() => undefined)
  process.exit(0)
})
