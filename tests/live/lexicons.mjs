// Holds answers against Bluesky's lexicons: reads [{method, body}, …] from standard input, writes one line for each that is wrong.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { readFileSync } from 'node:fs'

const fromHere = createRequire(pathToFileURL(process.cwd() + '/'))
const api = await import(pathToFileURL(fromHere.resolve('@atproto/api')).href)
const { lexicons, jsonToLex } = api

for (const { method, body } of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    lexicons.assertValidXrpcOutput(method, jsonToLex(body))
    for (const post of body.posts ?? (body.feed ?? []).map((entry) => entry.post)) {
      lexicons.assertValidRecord('app.bsky.feed.post', jsonToLex(post.record))
    }
  } catch (error) {
    process.stdout.write(`${method}: ${error.message}\n`)
  }
}
