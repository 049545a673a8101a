/** What every attack needs at least one of, outside of words. */
const remarkable = /[<>'"`;|&$%\\(){}=*[\]^\0-\x08\x0a-\x1f]|\.\.|:\/\/|\/etc\/|[^\0-\x7f]/

/** Words without which an attack that has none of the above means nothing. */
const meaningful = /\b(?:union|select|order|having|procedure)\b/i

/** Whether a text cannot be an attack, told by one quick look: nearly all texts are like that. */
export const isOrdinary = (text: string): boolean =>
  !remarkable.test(text) && !meaningful.test(text)
