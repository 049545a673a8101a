import type { Detector } from '../view.ts'

export const crossSiteScripting: Detector = () => 0
