/** The first page, until projects are listed here. */
import { Empty } from './states.tsx'

export const Home = () => (
  <main style={{ padding: '2rem' }}>
    <Empty title="Plumbline">Projects appear here.</Empty>
  </main>
)
