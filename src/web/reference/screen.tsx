/** The reference of the API, read off the document that the contract writes: nothing here can go out of date. */
import { Badge, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useAddress } from '../address.ts'
import { useKeys } from '../keys.tsx'
import { plural } from '../numbers.ts'
import { Page } from '../shell.tsx'
import { Pending } from '../states.tsx'
import { WideTable } from '../wide-table.tsx'
import { type ApiDocument, type Endpoint, groupsOf, schemaOf, shapeOf } from './document.ts'
import classes from './reference.module.css'

async function load(signal: AbortSignal): Promise<ApiDocument> {
  const response = await fetch('/api/openapi.json', { signal })
  if (!response.ok) throw await response.json()
  return response.json()
}

const searchField = 'reference-search'

export function Screen() {
  const [{ search = '' }, setAddress] = useAddress()
  const { data, error, refetch } = useQuery({
    queryKey: ['reference'],
    queryFn: ({ signal }) => load(signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const groups = useMemo(() => (data ? groupsOf(data) : new Map<string, Endpoint[]>()), [data])
  useKeys(
    [{ key: 'f', label: 'Find an endpoint', run: () => document.getElementById(searchField)?.focus() }],
    'Reference',
  )
  // The browser looked for the anchor before the page was there.
  useEffect(() => {
    if (data) document.getElementById(window.location.hash.slice(1))?.scrollIntoView()
  }, [data])
  const wanted = search.toLowerCase()
  const fits = ({ method, path, operation: { summary = '' } }: Endpoint) =>
    `${method} ${path} ${summary}`.toLowerCase().includes(wanted)
  const shown = [...groups].map(([name, all]) => [name, all.filter(fits)] as const).filter(([, all]) => all.length)
  return (
    <Page title="API reference">
      {!data && <Pending error={error} onRetry={refetch} lines={12} />}
      {data && (
        <Stack gap="xl">
          <div className="prose">
            <Text>
              Every call goes to <span className="mono">/api</span>, with an API key as{' '}
              <span className="mono">Authorization: Bearer KEY</span>, or with the session of a browser. Refusals are{' '}
              <span className="mono">{'{ code, message, where?, hint? }'}</span>. The same, for machines:{' '}
              <a href="/api/openapi.json">openapi.json</a>, OpenAPI 3.1, version {data.info.version}.
            </Text>
          </div>
          <TextInput
            id={searchField}
            label="Find"
            maw="24rem"
            value={search}
            onChange={(event) => setAddress({ search: event.currentTarget.value || undefined }, { replace: true })}
            description={plural(
              shown.reduce((n, [, all]) => n + all.length, 0),
              'endpoint',
            )}
          />
          {shown.map(([name, all]) => (
            <section key={name} aria-labelledby={`group-${name}`}>
              <Title order={2} id={`group-${name}`} mb="xs" className={classes.group}>
                {name.replaceAll('-', ' ')}
              </Title>
              {all.map((endpoint) => (
                <One key={endpoint.anchor} endpoint={endpoint} />
              ))}
            </section>
          ))}
        </Stack>
      )}
    </Page>
  )
}

/** Who may call, in words; the document carries the name of the right. */
const mayCall = (access: string | undefined) =>
  access === undefined
    ? undefined
    : access === 'public'
      ? 'anyone'
      : access === 'person'
        ? 'anyone signed in'
        : access === 'owner'
          ? 'owners of the organisation'
          : `whose role allows ${access}`

function One({ endpoint }: { endpoint: Endpoint }) {
  const { anchor, method, path, operation } = endpoint
  // A hundred shapes at once would make the page slow for nothing.
  const [open, setOpen] = useState(window.location.hash === `#${anchor}`)
  return (
    <details
      id={anchor}
      className={classes.endpoint}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <Group component="span" gap="sm" display="inline-flex" className={classes.line}>
          <Badge color={method === 'GET' ? 'gray' : method === 'DELETE' ? 'red' : 'petrol'}>{method}</Badge>
          <span className="mono">{path}</span>
          <span>{operation.summary}</span>
        </Group>
      </summary>
      {open && <Details endpoint={endpoint} />}
    </details>
  )
}

function Details({ endpoint: { anchor, operation } }: { endpoint: Endpoint }) {
  const { description, parameters = [], requestBody, responses = {} } = operation
  const who = mayCall(operation['x-access'])
  const answer = schemaOf(responses['200'] ?? responses['201'])
  return (
    <Stack gap="sm" py="sm">
      <Text size="sm" c="dimmed">
        {who && `Who may call: ${who}. `}
        <a href={`#${anchor}`}>Link to it</a>
      </Text>
      {description && <Text className="prose">{description}</Text>}
      {parameters.length > 0 && (
        <WideTable minWidth={360} verticalSpacing={4} head={['Parameter', 'In', 'What it is']}>
          <Table.Tbody>
            {parameters.map(({ name, in: place, required, schema }) => (
              <Table.Tr key={`${place} ${name}`}>
                <Table.Td className="mono">
                  {name}
                  {!required && '?'}
                </Table.Td>
                <Table.Td>{place}</Table.Td>
                <Table.Td>{shapeOf(schema)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      {requestBody && <Shape title="Sent" text={shapeOf(schemaOf(requestBody))} />}
      {answer && <Shape title="Answered" text={shapeOf(answer)} />}
    </Stack>
  )
}

const Shape = ({ title, text }: { title: string; text: string }) => (
  <div>
    <Text size="sm" fw={600}>
      {title}
    </Text>
    <pre className={classes.shape}>{text}</pre>
  </div>
)
