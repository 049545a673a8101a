/** What shows a dialog or runs a text: hardly anything but attacks and lessons calls it by name. */
export const tellers = 'alert|confirm|prompt|eval|print|execscript|settimeout|setinterval|function'
