/** Try it: a text, or two of them, with what each word gave. */
import { Button, Group, SimpleGrid, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type CSSProperties, useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { decimal, estimate } from '../../web/numbers.ts'
import { Problem } from '../../web/states.tsx'
import { reward, type Scored } from './contract.ts'
import classes from './reward.module.css'

const api = clientOf({ reward }).reward

export function TryIt() {
  const { id: project } = useProject()
  const [texts, setTexts] = useState(['', ''])
  const filled = texts.filter((text) => text.trim())
  const score = useMutation({ mutationFn: () => api.score({ project, texts: filled }) })
  return (
    <section aria-labelledby="try-it">
      <Title order={2} id="try-it" mb={4}>
        Try it
      </Title>
      <Text className="prose" mb="sm">
        Write one response to see what moves its score, or two to see which it would put first.
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          score.mutate()
        }}
      >
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {texts.map((text, i) => (
              <Textarea
                key={i === 0 ? 'first' : 'second'}
                label={i === 0 ? 'Response' : 'Another response, if you like'}
                autosize
                minRows={3}
                maxRows={12}
                maxLength={100_000}
                value={text}
                onChange={({ currentTarget }) =>
                  setTexts(texts.map((old, other) => (other === i ? currentTarget.value : old)))
                }
              />
            ))}
          </SimpleGrid>
          <Group>
            <Button type="submit" loading={score.isPending} disabled={filled.length === 0}>
              {filled.length === 2 ? 'Which is better?' : 'Score'}
            </Button>
          </Group>
          {score.error && <Problem error={score.error} />}
        </Stack>
      </form>
      <div role="status">
        {score.data && (
          <Stack gap="md" mt="md">
            {score.data.first && <Verdict {...score.data.first} />}
            <SimpleGrid cols={{ base: 1, sm: score.data.texts.length }} spacing="xl">
              {score.data.texts.map((scored, i) => (
                <Explanation key={i === 0 ? 'first' : 'second'} {...scored} />
              ))}
            </SimpleGrid>
          </Stack>
        )}
      </div>
    </section>
  )
}

interface Belief {
  probability: number
  low: number
  high: number
}

function Verdict({ probability, low, high }: Belief) {
  if (probability === 0.5) return <Text>It sees no difference.</Text>
  const isFirst = probability > 0.5
  const share = isFirst ? { value: probability, low, high } : { value: 1 - probability, low: 1 - high, high: 1 - low }
  return (
    <Text>
      It would put the <b>{isFirst ? 'first' : 'second'}</b> above, with {estimate(share, { as: 'percent' })}.
    </Text>
  )
}

/** So many words are named under a text. */
const mostNamed = 6

/** Each word once, with what all its places gave, the strongest first. */
function strongest(pieces: Scored['pieces']): [string, number][] {
  const words = new Map<string, number>()
  for (const { text, weight } of pieces)
    if (weight) words.set(text.toLowerCase(), (words.get(text.toLowerCase()) ?? 0) + weight)
  return [...words].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a)).slice(0, mostNamed)
}

/** Each piece with its place in the text. */
function placed(pieces: Scored['pieces']) {
  let from = 0
  return pieces.map((piece) => {
    const here = { ...piece, from }
    from += piece.text.length
    return here
  })
}

function Explanation({ score, deviation, pieces, cut }: Scored) {
  const most = Math.max(1e-9, ...pieces.map(({ weight = 0 }) => Math.abs(weight)))
  const named = strongest(pieces)
  return (
    <Stack gap="xs">
      <Text>
        Score <b>{decimal(score)}</b> ± {decimal(1.96 * deviation)}{' '}
        <Text span c="dimmed" size="sm">
          log-odds against a text without a word; 95% of what it believes
        </Text>
      </Text>
      <p className={classes.text}>
        {placed(pieces).map(({ from, text, weight }) =>
          weight ? (
            <span
              key={from}
              className={weight > 0 ? classes.for : classes.against}
              style={{ '--share': `${Math.round((40 * Math.abs(weight)) / most)}%` } as CSSProperties}
              title={signed(weight)}
            >
              {text}
            </span>
          ) : (
            text
          ),
        )}
      </p>
      {named.length > 0 && (
        <Text size="sm">
          Moved most by{' '}
          {named.map(([word, weight], i) => (
            <span key={word}>
              {i > 0 && ', '}“{word}” {signed(weight)}
            </span>
          ))}
          .
        </Text>
      )}
      {cut && <Text size="sm">The text goes on beyond what is read of it.</Text>}
    </Stack>
  )
}

const signed = (weight: number) => `${weight > 0 ? '+' : ''}${decimal(weight, 3)}`
