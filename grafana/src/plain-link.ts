import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard'

/** The link where everybody sees it: the SDK's default is a menu. */
export const plainLink = (link: Builder<DashboardLink>): Builder<DashboardLink> => ({
  build() {
    const { placement: _, ...shown } = link.build()
    return shown
  },
})
