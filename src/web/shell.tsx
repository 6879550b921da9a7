/** The frame of every page: rail of stations, top bar, content; and the full window of the work screen. */
import { Burger, CloseButton, Drawer, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useRouterState } from '@tanstack/react-router'
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react'
import { Go, useGo } from './link.tsx'
import { Palette, type PaletteItem, type PaletteSearch, usePaletteItems } from './palette.tsx'
import { NotRenewed } from './renewal.tsx'
import classes from './shell.module.css'
import { Boundary } from './states.tsx'
import type { Station } from './stations.ts'
import { TopBar, type TopBarProps } from './top-bar.tsx'

interface ShellProps extends TopBarProps {
  stations: readonly Station[]
  search?: PaletteSearch
  /** A line over the content, for example that the annotators of the demo are simulated. */
  banner?: ReactNode
  children: ReactNode
}

const none: NonNullable<TopBarProps['meItems']> = []

const ProjectName = createContext<string | undefined>(undefined)

/** Sets `Tasks · My project · Plumbline`, for the window and for whoever listens to the page. */
export function useTitle(title: string): void {
  const project = useContext(ProjectName)
  useEffect(() => {
    document.title = [title, project, 'Plumbline'].filter(Boolean).join(' · ')
  }, [title, project])
}

export function Shell({ stations, search, banner, children, ...top }: ShellProps) {
  const [drawer, { toggle, close }] = useDisclosure(false)
  return (
    <ProjectName value={top.project?.name}>
      <Palette search={search}>
        <PageItems stations={stations} mine={top.meItems} />
        <SkipLink />
        <div className={classes.shell} data-alone={stations.length === 0 || undefined}>
          <header className={classes.top}>
            {stations.length > 0 && (
              <Burger
                hiddenFrom="sm"
                size="sm"
                opened={drawer}
                onClick={toggle}
                aria-label="Stations of the project"
                aria-expanded={drawer}
              />
            )}
            <TopBar {...top} />
          </header>
          {stations.length > 0 && (
            <div className={classes.rail}>
              <Rail stations={stations} />
            </div>
          )}
          <main id="main" tabIndex={-1} className={classes.main}>
            {banner && <div className={classes.banner}>{banner}</div>}
            <Boundary>{children}</Boundary>
          </main>
        </div>
        <Drawer opened={drawer} onClose={close} size="17rem" title="Plumbline">
          <Rail stations={stations} onFollow={close} />
        </Drawer>
      </Palette>
    </ProjectName>
  )
}

/** Whether `to` is the page shown at `path`, or a page above it. */
const isAt = (path: string, to: string) => path === to || path.startsWith(`${to}/`)

function Rail({ stations, onFollow }: { stations: readonly Station[]; onFollow?: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname })
  return (
    <nav aria-label="Stations">
      <ul className={classes.stations}>
        {stations.map(({ label, to, icon: Icon, pages = [], apart }) => {
          const inside = isAt(path, to) || pages.some((page) => isAt(path, page.to))
          return (
            <li key={label} data-apart={apart || undefined}>
              <Go
                to={to}
                onClick={onFollow}
                className={classes.station}
                data-inside={inside || undefined}
                aria-current={inside && !pages.length ? 'page' : undefined}
              >
                <Icon size={18} aria-hidden />
                {label}
              </Go>
              {inside && pages.length > 0 && (
                <ul className={classes.pages}>
                  {pages.map((page) => (
                    <li key={page.to}>
                      <Go
                        to={page.to}
                        onClick={onFollow}
                        className={classes.page}
                        aria-current={isAt(path, page.to) ? 'page' : undefined}
                      >
                        {page.label}
                      </Go>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

/** Every page of the rail can be found in the palette, and every page of one's own. */
function PageItems({ stations, mine = none }: { stations: readonly Station[]; mine?: TopBarProps['meItems'] }) {
  const go = useGo()
  const items = useMemo<PaletteItem[]>(() => {
    const item = (label: string, to: string, hint?: string) => ({
      id: `page ${to}`,
      label,
      group: 'Pages',
      hint,
      run: () => go(to),
    })
    return [
      ...stations.flatMap(({ label, to, pages = [] }) =>
        pages.length ? pages.map((page) => item(page.label, page.to, label)) : [item(label, to)],
      ),
      ...mine.map(({ label, to }) => item(label, to)),
    ]
  }, [stations, mine, go])
  usePaletteItems(items)
  return null
}

const SkipLink = () => (
  <a className={classes.skip} href="#main">
    Skip to content
  </a>
)

/** A page inside the shell: its heading, its title, its actions, its content. */
export function Page({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  useTitle(title)
  return (
    <>
      <div className={classes.heading}>
        <h1>{title}</h1>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      <NotRenewed />
      {children}
    </>
  )
}

interface FullWindowProps {
  title: string
  /** One line at the top: project, progress, break. */
  top: ReactNode
  /** Always visible under the content, never over it; scrolls by itself where the window is too low for it. */
  bottom?: ReactNode
  /** What the region at the bottom is called: "Judgement". */
  bottomLabel?: string
  /** Stands beside the content, and over it on a narrow window: the guideline. */
  aside?: ReactNode
  asideLabel?: string
  onCloseAside?: () => void
  /** The content brings its own scrolling and its own margins. */
  bare?: boolean
  children: ReactNode
}

/** The whole window without rail: where an annotator works. Only the centre scrolls. */
export function FullWindow(props: FullWindowProps) {
  const {
    title,
    top,
    bottom,
    bottomLabel = 'Judgement',
    aside,
    asideLabel = 'Guideline',
    onCloseAside,
    bare,
    children,
  } = props
  useTitle(title)
  return (
    <>
      <SkipLink />
      <div className={classes.window}>
        <header className={classes.windowTop}>
          <VisuallyHidden component="h1">{title}</VisuallyHidden>
          {top}
        </header>
        <div className={classes.windowMiddle}>
          {/* Where the content scrolls and nothing in it takes the focus, arrows reach it all the same. */}
          <main id="main" tabIndex={bare ? -1 : 0} className={classes.windowMain} data-bare={bare || undefined}>
            <Boundary>{children}</Boundary>
          </main>
          {aside && (
            <aside aria-label={asideLabel} className={classes.aside}>
              <div className={classes.asideHead}>
                <h2>{asideLabel}</h2>
                {onCloseAside && (
                  <CloseButton onClick={onCloseAside} aria-label={`Close ${asideLabel.toLowerCase()}`} />
                )}
              </div>
              <Boundary>{aside}</Boundary>
            </aside>
          )}
        </div>
        {bottom && (
          <section aria-label={bottomLabel} className={classes.windowBottom}>
            {bottom}
          </section>
        )}
      </div>
    </>
  )
}
