/** How much of a request is looked at, whatever its schema says. */

/** Levels of objects and arrays in a body, one in the other. */
export const maxDepth = 32

/** Fields and items in a body, at all levels together. */
export const maxEntries = 1000

/** Parameters in a query. */
export const maxParameters = 100

/** Faults that one answer lists; a request may have more. */
export const maxFaults = 100
