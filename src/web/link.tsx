/** Links inside the application by plain address, so that shell and widgets need not know the route tree. */
import { useRouter } from '@tanstack/react-router'
import { type AnchorHTMLAttributes, type MouseEvent, useCallback } from 'react'

/** Opens an address of ours: `const go = useGo(); go('/projects/7/tasks')`. */
export function useGo(): (to: string) => void {
  const router = useRouter()
  return useCallback((to: string) => void router.navigate({ href: to }), [router])
}

/** An anchor that the router follows; a new tab, a download or a modified click stay the browser's. */
export function Go({ to, onClick, ...rest }: { to: string } & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'>) {
  const go = useGo()
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (event.defaultPrevented || !plain || (rest.target && rest.target !== '_self')) return
    event.preventDefault()
    go(to)
  }
  return <a href={to} onClick={follow} {...rest} />
}
