/** Quality: how far people agree, what they differ on and why, and what pulls at their answers. */
import { Tabs } from '@mantine/core'
import { useAddress } from '../../web/address.ts'
import { Page } from '../../web/shell.tsx'
import { AgreementTab } from './agreement-tab.tsx'
import { BiasTab } from './bias-tab.tsx'
import { ContestedTab } from './contested-tab.tsx'
import { DriftTab } from './drift-tab.tsx'
import { FindingsTab } from './findings-tab.tsx'
import { GoldTab } from './gold-tab.tsx'

export function Screen() {
  const [{ tab = 'agreement' }, setAddress] = useAddress()
  return (
    <Page title="Quality">
      <Tabs
        value={tab}
        onChange={(value) =>
          setAddress({ tab: value ?? undefined, row: undefined, after: undefined, kind: undefined, on: undefined })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="agreement">Agreement</Tabs.Tab>
          <Tabs.Tab value="findings">Findings</Tabs.Tab>
          <Tabs.Tab value="contested">Contested</Tabs.Tab>
          <Tabs.Tab value="bias">Bias</Tabs.Tab>
          <Tabs.Tab value="drift">Drift</Tabs.Tab>
          <Tabs.Tab value="gold">Gold</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="agreement">
          <AgreementTab />
        </Tabs.Panel>
        <Tabs.Panel value="findings">
          <FindingsTab />
        </Tabs.Panel>
        <Tabs.Panel value="contested">
          <ContestedTab />
        </Tabs.Panel>
        <Tabs.Panel value="bias">
          <BiasTab />
        </Tabs.Panel>
        <Tabs.Panel value="drift">
          <DriftTab />
        </Tabs.Panel>
        <Tabs.Panel value="gold">
          <GoldTab />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
