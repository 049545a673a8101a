import type { Detector } from '../view.ts'

export const serverSideInclude: Detector = () => 0
