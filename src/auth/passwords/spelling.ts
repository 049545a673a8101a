/** One spelling for one password, whichever keyboard typed it (Unicode NFKC). */
export const normalizePassword = (password: string): string => password.normalize('NFKC')
