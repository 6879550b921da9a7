/** Names a method and links to its page: `method('bias-sides', 'Exact test of the side')` for charts, `<By ... />` in text. */
import { Go } from '../link.tsx'

export const method = (page: string, name: string) => ({ name, href: `/docs/statistics/${page}` })

export const By = ({ page, name }: { page: string; name: string }) => <Go to={method(page, name).href}>{name}</Go>
