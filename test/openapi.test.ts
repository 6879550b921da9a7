import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { contract } from '../src/contract.ts'
import { accessTable, openApiDocument } from '../src/platform/http/openapi.ts'

it('is valid OpenAPI 3.1 and names every endpoint once', async () => {
  const document = (await openApiDocument(contract, '1.2.3')) as {
    openapi: string
    paths: Record<string, Record<string, object>>
  }
  expect(document.openapi).toMatch(/^3\.1/)
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(described.sort()).toEqual(
    accessTable(contract)
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  )
})

it('says of every endpoint in one line what it is for', () => {
  for (const row of accessTable(contract)) expect(row.summary, `${row.method} ${row.path}`).toMatch(/\w{3}/)
})
